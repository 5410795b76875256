"""The directory files: what is understood, and that every error is named with its place."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.catalogues import WORKLOADS
from bot.domain.directory_cells import Complaint
from bot.domain.people import Directory, Partner, Person, Role
from state.directory_files import DirectoryErrors, read_files, write_files

SAMPLE = Path(__file__).parents[2] / "deployment" / "sample-directory"
HOME = "99999999-9999-4999-8999-999999999999"
CONTOSO_TENANT = "11111111-1111-4111-8111-111111111111"

PARTNERS_HEADER = "code,name,region,tenant_ids,fpm,backup_fpm,time_zone,holidays"
PEOPLE_HEADER = (
    "email,name,roles,tenant_id,object_id,partner,regions,languages,workloads,time_zone,holidays,capacity,contact_email"
)
CONTOSO = f"CONTOSO,Contoso,EMEA,{CONTOSO_TENANT},lee@home.example,,Europe/Madrid,ES"
LEE = "lee@home.example,Lee Park,fpm,,,,,,,Europe/London,GB,,"
DANA = f"dana@contoso.example,Dana Reyes,requester,{CONTOSO_TENANT},,CONTOSO,,,,Europe/Madrid,ES,,"


def guid(number: int) -> str:
    return f"{number:08d}-0000-4000-8000-000000000000"


def written(folder: Path, partners: list[str], people: list[str]) -> Path:
    (folder / "partners.csv").write_text("\n".join([PARTNERS_HEADER, *partners]) + "\n", encoding="utf-8")
    (folder / "people.csv").write_text("\n".join([PEOPLE_HEADER, *people]) + "\n", encoding="utf-8")
    return folder


def errors(folder: Path) -> list[str]:
    with pytest.raises(DirectoryErrors) as caught:
        read_files(folder, HOME)
    assert str(caught.value) == "\n".join(caught.value.lines)
    return caught.value.lines


def errors_of(folder: Path, partners: list[str], people: list[str]) -> list[str]:
    return errors(written(folder, partners, people))


def person(line: str, **cells: str) -> str:
    values = dict(zip(PEOPLE_HEADER.split(","), line.split(","), strict=True))
    return ",".join((values | cells).values())


def partner(line: str, **cells: str) -> str:
    values = dict(zip(PARTNERS_HEADER.split(","), line.split(","), strict=True))
    return ",".join((values | cells).values())


def test_the_sample_directory_holds_three_partners_in_three_tenants_and_a_full_team():
    sample = read_files(SAMPLE, HOME)

    def count(role: Role) -> int:
        return sum(one.is_a(role) for one in sample.people.values())

    assert sorted(sample.partners) == ["CONTOSO", "FABRIKAM", "NORTHWIND"]
    assert len({tenant for one in sample.partners.values() for tenant in one.tenant_ids}) == 3
    assert {role: count(role) for role in Role if role is not Role.REQUESTER} == {
        Role.FPM: 4,
        Role.ASSIGNER: 2,
        Role.SME: 8,
        Role.PROGRAM: 1,
    }
    assert {one.fpm for one in sample.partners.values()}.isdisjoint(
        {one.backup_fpm for one in sample.partners.values()}
    )
    assert {email.partition("@")[2] for email in sample.people} == {
        "fasttrack.example",
        "contoso-consulting.example",
        "fabrikam-cloud.example",
        "northwind-integrators.example",
    }


def test_a_line_becomes_a_person_with_canonical_values(tmp_path):
    line = (
        " Lee@Home.Example ,Lee  Park,FPM;sme,,{99999999-AAAA-4AAA-8AAA-000000000001},,emea;AMER;EMEA,EN;pt-br,teams,"
        "Europe/London,gb,3,Lee.P@home.example"
    )
    directory = read_files(written(tmp_path, [CONTOSO], [line, DANA]), HOME)
    assert directory.people["lee@home.example"] == Person(
        email="lee@home.example",
        name="Lee Park",
        roles=frozenset({Role.FPM, Role.SME}),
        tenant_id=HOME,
        object_id="99999999-aaaa-4aaa-8aaa-000000000001",
        regions=("EMEA", "AMER"),
        languages=("en", "pt-BR"),
        workloads=("TEAMS",),
        time_zone="Europe/London",
        holidays="GB",
        capacity=3,
        contact_email="lee.p@home.example",
    )


def test_a_line_becomes_a_partner_and_empty_cells_have_their_defaults(tmp_path):
    line = f"A1,Alpha,APJ,{guid(2)};{guid(3).upper()},lee@home.example,,,"
    directory = read_files(written(tmp_path, [line], [person(LEE, time_zone="", holidays="")]), HOME)
    assert directory == Directory(
        {"A1": Partner("A1", "Alpha", "APJ", (guid(2), guid(3)), "lee@home.example", time_zone="UTC")},
        {"lee@home.example": Person("lee@home.example", "Lee Park", frozenset({Role.FPM}), HOME)},
    )


def test_what_excel_saves_is_understood(tmp_path):
    written(tmp_path, [CONTOSO], [LEE, person(DANA, name='"Reyes; Dana"')])
    plain = read_files(tmp_path, HOME)
    for name in ("partners.csv", "people.csv"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        (tmp_path / name).write_bytes(text.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"))
    assert read_files(tmp_path, HOME) == plain


def test_lists_stay_within_one_quoted_cell_where_semicolons_separate_the_cells(tmp_path):
    line = person(LEE, roles="fpm;sme", regions="EMEA;APJ", capacity="2")
    written(tmp_path, [CONTOSO], [line])
    plain = read_files(tmp_path, HOME)
    cells = [f'"{cell}"' if ";" in cell else cell for cell in line.split(",")]
    (tmp_path / "people.csv").write_text(f"{PEOPLE_HEADER.replace(',', ';')}\n{';'.join(cells)}\n")
    assert read_files(tmp_path, HOME) == plain


def test_columns_may_stand_in_any_order_and_empty_lines_do_not_count(tmp_path):
    written(tmp_path, [CONTOSO], [LEE])
    columns, cells = PARTNERS_HEADER.split(","), CONTOSO.split(",")
    (tmp_path / "partners.csv").write_text(f"{','.join(columns[::-1])}\n\n,,,\n{','.join(cells[::-1])}\n")
    assert read_files(tmp_path, HOME).partners["CONTOSO"].name == "Contoso"


def test_lines_are_counted_as_an_editor_counts_them(tmp_path):
    many_lines = person(LEE, name='"Lee\nPark"')
    assert errors_of(tmp_path, [CONTOSO], [many_lines, "", person(DANA, name="")]) == ["people.csv:5: name: is empty"]


def test_all_errors_of_both_files_come_in_one_listing(tmp_path):
    partners = [
        f"contoso,,EU,{guid(1)};x,lee,nobody@home.example,Mars/Base,XX",
        f"TOOLONGACODE1,Beta,AMER,,dana@contoso.example,,,{'Z' * 80}",
    ]
    people = [
        LEE,
        "dana,,boss,1,2,CONTOSO,X,tlh,TEAM,Local,ZZ,-1,dana@",
        person(DANA, partner="Nowhere"),
    ]
    assert errors_of(tmp_path, partners, people) == [
        "partners.csv:2: backup_fpm: nobody@home.example is not in people.csv",
        'partners.csv:2: code: "contoso" is not a partner code of 2 to 12 characters A-Z 0-9',
        'partners.csv:2: fpm: "lee" is not an e-mail address',
        'partners.csv:2: holidays: "XX" is not an ISO country whose public holidays are known',
        "partners.csv:2: name: is empty",
        'partners.csv:2: region: "EU" is not one of AMER, APJ, EMEA',
        'partners.csv:2: tenant_ids: "x" is not a GUID',
        'partners.csv:2: time_zone: "Mars/Base" is not a time zone, like Europe/Madrid',
        'partners.csv:3: code: "TOOLONGACODE1" is not a partner code of 2 to 12 characters A-Z 0-9',
        "partners.csv:3: fpm: dana@contoso.example has no role fpm in people.csv",
        f'partners.csv:3: holidays: "{"Z" * 60}" is not an ISO country whose public holidays are known',
        "partners.csv:3: tenant_ids: is empty",
        'people.csv:3: capacity: "-1" is not a whole number from 0 to 1,000',
        'people.csv:3: contact_email: "dana@" is not an e-mail address',
        'people.csv:3: email: "dana" is not an e-mail address',
        'people.csv:3: holidays: "ZZ" is not an ISO country whose public holidays are known',
        'people.csv:3: languages: "tlh" is not one of en, fr, de, it, ja, ko, pt-BR, es, th, vi, zh-Hans, zh-Hant',
        "people.csv:3: name: is empty",
        'people.csv:3: object_id: "2" is not a GUID',
        "people.csv:3: partner: CONTOSO is not in partners.csv",
        'people.csv:3: regions: "X" is not one of AMER, APJ, EMEA',
        'people.csv:3: roles: "boss" is not one of requester, fpm, assigner, sme, program',
        'people.csv:3: tenant_id: "1" is not a GUID',
        'people.csv:3: time_zone: "Local" is not a time zone, like Europe/Madrid',
        f'people.csv:3: workloads: "TEAM" is not one of {", ".join(WORKLOADS)}',
        'people.csv:4: partner: "Nowhere" is not a partner code of 2 to 12 characters A-Z 0-9',
    ]


def test_codes_emails_object_ids_and_tenants_stand_once(tmp_path):
    second = partner(CONTOSO, code="FABRIKAM")
    people = [person(LEE, object_id=guid(7)), person(LEE, email="LEE@home.example")]
    people.append(person(LEE, email="mika@home.example", object_id=guid(7)))
    assert errors_of(tmp_path, [CONTOSO, second, partner(CONTOSO, tenant_ids=guid(5))], people) == [
        f"partners.csv:3: tenant_ids: {CONTOSO_TENANT} stands on line 2 already",
        "partners.csv:4: code: CONTOSO stands on line 2 already",
        "people.csv:3: email: lee@home.example stands on line 2 already",
        f"people.csv:4: object_id: {guid(7)} stands on line 2 already",
    ]


def test_a_requester_needs_a_partner_and_one_of_its_tenants(tmp_path):
    people = [
        LEE,
        person(DANA, partner="", tenant_id=""),
        person(DANA, email="eva@contoso.example", tenant_id=guid(9)),
        person(DANA, email="abe@contoso.example", partner="FABRIKAM"),
    ]
    assert errors_of(tmp_path, [CONTOSO], people) == [
        "people.csv:3: partner: is empty; a requester belongs to a partner",
        "people.csv:3: tenant_id: is empty; a requester signs in to a tenant of the partner",
        f"people.csv:4: tenant_id: {guid(9)} is not a tenant of CONTOSO",
        "people.csv:5: partner: FABRIKAM is not in partners.csv",
    ]


def test_a_contact_may_be_shared_by_several_partners(tmp_path):
    second = partner(CONTOSO, code="B2", tenant_ids=guid(5))
    people = [LEE, person(DANA, partner="CONTOSO;B2")]
    assert read_files(written(tmp_path, [CONTOSO, second], people), HOME).people["dana@contoso.example"].partners == (
        "CONTOSO",
        "B2",
    )
    people[1] = person(DANA, partner="CONTOSO;B2;C3", tenant_id=guid(9))
    assert errors_of(tmp_path, [CONTOSO, second], people) == [
        "people.csv:3: partner: C3 is not in partners.csv",
        f"people.csv:3: tenant_id: {guid(9)} is not a tenant of CONTOSO or B2",
    ]


def test_the_team_sits_in_the_home_tenant_and_partners_do_not(tmp_path):
    people = [LEE, person(LEE, email="ana@home.example", roles="requester;sme;fpm", tenant_id=guid(9), capacity="1")]
    people[1] = person(people[1], partner="CONTOSO")
    assert errors_of(
        tmp_path, [partner(CONTOSO, tenant_ids=HOME), partner(CONTOSO, code="B2", tenant_ids=guid(9))], people
    ) == [
        f"partners.csv:2: tenant_ids: {HOME} is the home tenant; partners have their own",
        f"people.csv:3: tenant_id: {guid(9)} is not a tenant of CONTOSO",
        f"people.csv:3: tenant_id: fpm, sme must be in the home tenant {HOME}",
    ]


def test_everybody_has_a_role_and_an_sme_a_capacity(tmp_path):
    people = [LEE, person(DANA, roles=""), person(LEE, email="kofi@home.example", roles="sme")]
    assert errors_of(tmp_path, [CONTOSO], people) == [
        "people.csv:3: roles: is empty",
        "people.csv:4: capacity: is empty; say how many open engagements this SME takes",
    ]


def test_the_backup_is_somebody_else_than_the_fpm(tmp_path):
    assert errors_of(tmp_path, [partner(CONTOSO, backup_fpm="Lee@home.example")], [LEE]) == [
        "partners.csv:2: backup_fpm: lee@home.example is the FPM already"
    ]


def test_a_wrong_header_is_named_and_its_file_not_judged_further(tmp_path):
    written(tmp_path, [], [LEE, person(DANA, name="")])
    (tmp_path / "partners.csv").write_text("code,code,title,region,tenant_ids,fpm,backup_fpm,time_zone\n")
    assert errors(tmp_path) == [
        'partners.csv:1: column "code" stands twice',
        'partners.csv:1: column "holidays" is missing',
        'partners.csv:1: column "name" is missing',
        'partners.csv:1: unknown column "title"',
        "people.csv:3: name: is empty",
    ]


def test_files_that_cannot_be_read_are_named(tmp_path):
    (tmp_path / "people.csv").mkdir()
    assert errors(tmp_path) == [
        "partners.csv: cannot be read: No such file or directory",
        "people.csv: cannot be read: Is a directory",
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_another_code_page_is_named_with_the_line(tmp_path, line_end):
    written(tmp_path, [CONTOSO], [LEE])
    text = line_end.join([PEOPLE_HEADER, LEE, person(DANA, name="Dana Pérez"), ""])
    (tmp_path / "people.csv").write_bytes(text.encode("cp1252"))
    assert errors(tmp_path) == ['people.csv:3: is not UTF-8 (byte 0xe9); Excel saves it rightly as "CSV UTF-8"']


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (PARTNERS_HEADER.encode("utf-16"), 'is UTF-16; Excel saves it rightly as "CSV UTF-8"'),
        (PARTNERS_HEADER.encode("utf-16-le"), 'is no text; Excel saves it rightly as "CSV UTF-8"'),
        (b"PK\x03\x04\x00", 'is an Excel workbook; Excel saves it rightly as "CSV UTF-8"'),
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n,,\r\n", "is empty"),
    ],
)
def test_what_is_no_csv_file_at_all_is_said_in_one_line(tmp_path, content, error):
    written(tmp_path, [], [LEE, DANA])
    (tmp_path / "partners.csv").write_bytes(content)
    assert errors(tmp_path) == [f"partners.csv: {error}"]


def test_broken_quotes_and_surplus_cells_are_named_with_their_line(tmp_path):
    assert errors_of(tmp_path, [CONTOSO, '"A" B,c'], [LEE, f"{DANA},more"]) == [
        "partners.csv:3: is not CSV: ',' expected after '\"'; see whether a quote is missing or too many",
        "people.csv:3: has 14 cells, the header 13; a cell that holds a separator stands in quotes",
    ]


def test_lists_without_quotes_between_semicolons_are_one_error_for_each_line(tmp_path):
    people = [LEE, person(LEE, email="kofi@home.example", roles="sme", regions="EMEA;APJ", capacity="2"), DANA]
    written(tmp_path, [CONTOSO], [line.replace(",", ";") for line in people])
    text = (tmp_path / "people.csv").read_text()
    (tmp_path / "people.csv").write_text(text.replace(PEOPLE_HEADER, PEOPLE_HEADER.replace(",", ";")))
    assert errors(tmp_path) == [
        "people.csv:3: has 14 cells, the header 13; a cell that holds a separator stands in quotes"
    ]


def test_empty_columns_at_the_end_do_not_count_unless_something_stands_in_them(tmp_path):
    people = [f"{PEOPLE_HEADER},,", f"{LEE},,", "", f"{DANA},,x"]
    written(tmp_path, [CONTOSO], [])
    (tmp_path / "people.csv").write_text("\n".join(people[:2]))
    assert set(read_files(tmp_path, HOME).people) == {"lee@home.example"}
    (tmp_path / "people.csv").write_text("\n".join(people))
    assert errors(tmp_path) == [
        "people.csv:4: has 15 cells, the header 13; a cell that holds a separator stands in quotes"
    ]


def test_the_header_may_stand_below_empty_lines(tmp_path):
    written(tmp_path, [CONTOSO], [LEE])
    plain = read_files(tmp_path, HOME)
    text = (tmp_path / "people.csv").read_text().replace(",", ";")
    (tmp_path / "people.csv").write_text(f"\n;;;\n{text}")
    assert read_files(tmp_path, HOME) == plain
    (tmp_path / "people.csv").write_text(f"\n\n{text.replace('email', 'mail', 1)}")
    assert errors(tmp_path) == [
        'people.csv:3: column "email" is missing',
        'people.csv:3: unknown column "mail"',
    ]


def test_progress_counts_the_lines_of_both_files(tmp_path):
    steps = []
    read_files(written(tmp_path, [CONTOSO], [LEE, DANA]), HOME, lambda done, total: steps.append((done, total)))
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_the_same_complaint_is_made_once_and_whole_file_complaints_come_first():
    lines = DirectoryErrors([Complaint("a", 2, "", "y"), Complaint("a", 0, "", "x"), Complaint("a", 2, "", "y")]).lines
    assert lines == ["a: x", "a:2: y"]


def test_the_sample_directory_written_and_read_again_is_equal(tmp_path):
    sample = read_files(SAMPLE, HOME)
    write_files(sample, tmp_path / "new" / "folder")
    assert read_files(tmp_path / "new" / "folder", HOME) == sample


@pytest.mark.parametrize(
    "name", ["=1+1", "+49 Lee", "-Lee", "@SUM(A1)", "'=1", "''-", "\uff1d1", "'", "'Lee", "O'=Neil", "Lee\t=1"]
)
def test_no_written_cell_is_a_formula_and_each_reads_as_it_was(tmp_path, name):
    lee = read_files(written(tmp_path, [], [LEE]), HOME).people["lee@home.example"]
    evil = replace(lee, name=" ".join(name.split()), email="+lee@home.example", contact_email="-lee@home.example")
    directory = Directory({}, {evil.email: evil})
    write_files(directory, tmp_path)
    with (tmp_path / "people.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row if cell]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d")) for cell in cells)
    assert "'+lee@home.example" in cells
    assert read_files(tmp_path, HOME) == directory


def test_an_apostrophe_that_hides_no_formula_is_written_as_it_is(tmp_path):
    line = person(LEE, name="'Lee")
    write_files(read_files(written(tmp_path, [], [line]), HOME), tmp_path / "out")
    assert "lee@home.example,'Lee,fpm," in (tmp_path / "out" / "people.csv").read_text()


@given(
    name=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=100).filter(
        lambda text: text.isascii()
    ),
    regions=st.lists(st.sampled_from(["AMER", "APJ", "EMEA"]), unique=True).map(tuple),
    capacity=st.integers(0, 1_000),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_was_taken_is_written_so_that_it_reads_equal(tmp_path, name, regions, capacity):
    sme = Person("kofi@home.example", name, frozenset({Role.SME}), HOME, regions=regions, capacity=capacity)
    directory = Directory({}, {sme.email: sme})
    write_files(directory, tmp_path)
    assert read_files(tmp_path, HOME) == directory

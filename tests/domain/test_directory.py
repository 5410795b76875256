"""The directory checked as a whole: what its lines become, and every error named in one listing."""

import pytest

from bot.domain.directory import MOST_NAMED, DirectoryErrors, DirectoryRules, directory_of
from bot.domain.directory_cells import Complaint, Line
from bot.domain.directory_kept import contradictions
from bot.domain.people import Directory, Partner, Person, Role
from tests.domain.office import HOME

THEIRS = "11111111-1111-4111-8111-111111111111"
OTHERS = "22222222-2222-4222-8222-222222222222"
RULES = DirectoryRules(HOME, {"ES", "GB"}.__contains__)
PARTNER = {
    "code": "CONTOSO",
    "name": "Contoso",
    "region": "emea",
    "tenant_ids": THEIRS,
    "fpm": "Lee@home.example",
    "time_zone": "Europe/Madrid",
    "holidays": "es",
}
LEE = {"email": "lee@home.example", "name": "Lee", "roles": "fpm"}
MIKA = {"email": "mika@home.example", "name": "Mika", "roles": "fpm"}
DANA = {
    "email": "dana@contoso.example",
    "name": "Dana",
    "roles": "requester",
    "tenant_id": THEIRS,
    "partner": "CONTOSO",
}
SAM = {"email": "sam@home.example", "name": "Sam", "roles": "sme", "languages": "EN;pt-br", "capacity": "2"}


def lines(file, *cells):
    return [Line(file, number, each) for number, each in enumerate(cells, 2)]


def directory(partners, people, complaints=()):
    return directory_of(lines("partners.csv", *partners), lines("people.csv", *people), RULES, complaints)


def errors(partners, people):
    with pytest.raises(DirectoryErrors) as caught:
        directory(partners, people)
    assert str(caught.value) == "\n".join(caught.value.lines)
    return caught.value.lines


def test_good_lines_become_partners_and_people():
    assert directory([PARTNER], [LEE, DANA, SAM]) == Directory(
        {"CONTOSO": Partner("CONTOSO", "Contoso", "EMEA", (THEIRS,), "lee@home.example", "", "Europe/Madrid", "ES")},
        {
            "lee@home.example": Person("lee@home.example", "Lee", frozenset({Role.FPM}), HOME),
            "dana@contoso.example": Person(
                "dana@contoso.example", "Dana", frozenset({Role.REQUESTER}), THEIRS, partner="CONTOSO"
            ),
            "sam@home.example": Person(
                "sam@home.example", "Sam", frozenset({Role.SME}), HOME, languages=("en", "pt-BR"), capacity=2
            ),
        },
    )


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code": "contoso"}, 'code: "contoso" is not a partner code of 2 to 12 characters A-Z 0-9'),
        ({"name": " "}, "name: is empty"),
        ({"region": "LATAM"}, 'region: "LATAM" is not one of AMER, APJ, EMEA'),
        ({"tenant_ids": ""}, "tenant_ids: is empty"),
        ({"tenant_ids": "x"}, 'tenant_ids: "x" is not a GUID'),
        ({"tenant_ids": HOME}, f"tenant_ids: {HOME} is the home tenant; partners have their own"),
        ({"fpm": "lee"}, 'fpm: "lee" is not an e-mail address'),
        ({"fpm": "nobody@home.example"}, "fpm: nobody@home.example is not in people.csv"),
        ({"backup_fpm": "lee@home.example"}, "backup_fpm: lee@home.example is the FPM already"),
        ({"backup_fpm": "sam@home.example"}, "backup_fpm: sam@home.example has no role fpm in people.csv"),
        ({"time_zone": "Mars/Base"}, 'time_zone: "Mars/Base" is not a time zone, like Europe/Madrid'),
        ({"holidays": "XX"}, 'holidays: "XX" is not an ISO country whose public holidays are known'),
    ],
)
def test_a_bad_partner_is_named_with_its_line_and_column(change, error):
    people = [LEE, SAM]
    assert errors([PARTNER | change], people) == [f"partners.csv:2: {error}"]


@pytest.mark.parametrize(
    ("person", "change", "error"),
    [
        (DANA, {"roles": ""}, "roles: is empty"),
        (DANA, {"roles": "requester;boss"}, 'roles: "boss" is not one of requester, fpm, assigner, sme, program'),
        (DANA, {"partner": ""}, "partner: is empty; a requester belongs to a partner"),
        (DANA, {"partner": "NOBODY"}, "partner: NOBODY is not in partners.csv"),
        (DANA, {"tenant_id": ""}, "tenant_id: is empty; a requester signs in to a tenant of the partner"),
        (DANA, {"tenant_id": OTHERS}, f"tenant_id: {OTHERS} is not a tenant of CONTOSO"),
        (SAM, {"capacity": ""}, "capacity: is empty; say how many open engagements this SME takes"),
        (SAM, {"capacity": "-1"}, 'capacity: "-1" is not a whole number from 0 to 1,000'),
        (SAM, {"tenant_id": THEIRS}, f"tenant_id: sme must be in the home tenant {HOME}"),
        (MIKA, {"email": "lee@home.example"}, "email: lee@home.example stands on line 2 already"),
    ],
)
def test_a_bad_person_is_named_with_the_line_and_column(person, change, error):
    assert errors([PARTNER], [LEE, person | change]) == [f"people.csv:3: {error}"]


def test_all_errors_come_in_one_listing_in_the_order_of_the_files():
    partners = [PARTNER, PARTNER | {"region": "x"}]
    assert errors(partners, [LEE, DANA | {"name": ""}]) == [
        "partners.csv:3: code: CONTOSO stands on line 2 already",
        'partners.csv:3: region: "x" is not one of AMER, APJ, EMEA',
        f"partners.csv:3: tenant_ids: {THEIRS} stands on line 2 already",
        "people.csv:3: name: is empty",
    ]


def test_a_listing_names_the_first_errors_and_counts_the_others():
    people = [{"email": f"p{number}@home.example", "name": "P", "roles": "boss"} for number in range(1_300)]
    listing = errors([], people)
    assert len(listing) == MOST_NAMED + 1
    assert listing[0].startswith('people.csv:2: roles: "boss"')
    assert listing[-1] == f"and {1_300 - MOST_NAMED:,} more errors"


def test_each_error_stays_on_its_line_whatever_the_cell_holds():
    assert errors([], [LEE | {"roles": "fpm;b\noss\x1b[2J"}]) == [
        'people.csv:2: roles: "b oss[2J" is not one of requester, fpm, assigner, sme, program'
    ]


def test_the_cells_of_a_line_with_more_than_the_header_are_not_judged_one_by_one():
    complaint = Complaint("people.csv", 3, "", "has 14 cells")
    crooked = Line("people.csv", 3, DANA | {"name": "", "roles": "boss"}, has_surplus=True)
    with pytest.raises(DirectoryErrors) as caught:
        directory_of(lines("partners.csv", PARTNER), [*lines("people.csv", LEE), crooked], RULES, [complaint])
    assert caught.value.lines == ["people.csv:3: has 14 cells"]


def test_progress_goes_through_the_lines_of_both_files():
    steps = []
    directory_of(
        lines("partners.csv", PARTNER), lines("people.csv", LEE, DANA), RULES, (), lambda *step: steps.append(step)
    )
    assert steps == [(1, 3), (2, 3), (3, 3)]


STORED = directory([PARTNER], [LEE, MIKA, DANA])
KEPT = "is not in the file but kept, and"
ADVICE = "list it there, or remove what is missing"


@pytest.mark.parametrize(
    ("partners", "people", "kept", "error"),
    [
        (
            [PARTNER | {"code": "NEW"}],
            [LEE],
            {"CONTOSO"},
            f"partners.csv: tenant_ids: CONTOSO {KEPT} {THEIRS} is a tenant of NEW now; {ADVICE}",
        ),
        (
            [],
            [LEE | {"roles": "program"}],
            {"CONTOSO"},
            f"partners.csv: fpm: CONTOSO {KEPT} lee@home.example has no role fpm in people.csv any more; {ADVICE}",
        ),
        (
            [PARTNER | {"tenant_ids": OTHERS}],
            [LEE],
            {DANA["email"]},
            f"people.csv: tenant_id: dana@contoso.example {KEPT} {THEIRS} is a tenant of CONTOSO no more; {ADVICE}",
        ),
    ],
)
def test_what_is_kept_must_be_able_to_stand_beside_the_files(partners, people, kept, error):
    files = directory(partners, people)
    wanted = Directory(
        {code: one for code, one in STORED.partners.items() if code in kept or DANA["email"] in kept}
        | dict(files.partners),
        {email: one for email, one in STORED.people.items() if email in kept} | dict(files.people),
    )
    assert [str(complaint) for complaint in contradictions(STORED, files, wanted)] == [error]


def test_what_is_kept_beside_files_that_say_nothing_of_it_is_right():
    files = directory([PARTNER | {"code": "NEW", "tenant_ids": OTHERS}], [LEE, SAM])
    wanted = Directory({**STORED.partners, **files.partners}, {**STORED.people, **files.people})
    assert contradictions(STORED, files, wanted) == []


def test_a_file_without_anybody_does_not_remove_everybody():
    nobody = Directory()
    assert [str(complaint) for complaint in contradictions(STORED, nobody, nobody)] == [
        "people.csv: lists nobody, and everybody would be removed"
    ]
    assert contradictions(nobody, nobody, nobody) == []


def test_a_file_that_could_not_be_read_is_the_complaint_and_the_other_is_not_judged_against_it():
    complaint = Complaint("people.csv", 0, "", "cannot be read")
    with pytest.raises(DirectoryErrors) as caught:
        directory_of(lines("partners.csv", PARTNER), None, RULES, [complaint])
    assert caught.value.lines == ["people.csv: cannot be read"]
    with pytest.raises(DirectoryErrors) as caught:
        directory_of(None, lines("people.csv", DANA), RULES, [Complaint("partners.csv", 1, "", "no header")])
    assert caught.value.lines == ["partners.csv:1: no header"]

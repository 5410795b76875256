"""What does not fit in a directory, and who can be reached: codes are named, and never addresses."""

from dataclasses import replace

import pytest

from bot.domain.catalogues import WORKLOADS
from bot.domain.people import Directory, Role
from bot.examination.directory import Known, directory_examined
from bot.examination.finding import Level
from bot.examination.reach import reach_examined
from state.directory_files import read_files
from state.table import Put
from tests.domain.office import ANA, HIROSHI, HOME, KOFI, LEE, MIKA, SAMIRA, SAMPLE

KNOWN = Known(lambda zone: zone != "Mars/Base", lambda country: country != "QQ")
WHOLE = read_files(SAMPLE, HOME)
MANY = [f"P{n:02d}" for n in range(30)]


def partner(code="CONTOSO", **changes):
    return lambda whole: Directory({**whole.partners, code: replace(whole.partners[code], **changes)}, whole.people)


def person(email, **changes):
    return lambda whole: Directory(whole.partners, {**whole.people, email: replace(whole.people[email], **changes)})


def without(*emails):
    return lambda whole: Directory(whole.partners, {e: p for e, p in whole.people.items() if e not in emails})


def no_smes(whole):
    return without(*(email for email, each in whole.people.items() if each.is_a(Role.SME)))(whole)


def with_many(whole):
    more = {code: replace(whole.partners["CONTOSO"], code=code, tenant_ids=(code,)) for code in MANY}
    return Directory({**whole.partners, **more}, whole.people)


@pytest.mark.parametrize(
    ("change", "level", "said"),
    [
        (without(LEE), Level.MEND, "1 partner whose FPM is missing or no FPM: CONTOSO"),
        (person(LEE, roles=frozenset({Role.SME})), Level.MEND, "1 partner whose FPM is missing or no FPM: CONTOSO"),
        (
            without(MIKA),
            Level.MEND,
            "3 partners whose backup FPM is missing or no FPM: CONTOSO, FABRIKAM, NORTHWIND",
        ),
        (partner(backup_fpm=""), Level.NOTE, "1 partner without a backup FPM: CONTOSO"),
        (partner(tenant_ids=()), Level.MEND, "1 partner without a tenant: CONTOSO"),
        (
            partner(tenant_ids=WHOLE.partners["FABRIKAM"].tenant_ids),
            Level.MEND,
            "2 partners with the tenant of another: CONTOSO, FABRIKAM",
        ),
        (partner(tenant_ids=(HOME,)), Level.MEND, "1 partner with the home tenant as theirs: CONTOSO"),
        (with_many, Level.NOTE, "30 partners without a requester: P00, P01, P02, P03, P04 and 25 more"),
        (without(ANA, HIROSHI), Level.MEND, "nobody assigns"),
        (without(ANA), Level.NOTE, "no assigner of their own: AMER, EMEA"),
        (without(SAMIRA), Level.MEND, "nobody in the programme team"),
        (person(KOFI, capacity=0), Level.NOTE, "1 SME with capacity 0"),
        (person(LEE, object_id=""), Level.NOTE, "3 people without an object id"),
        (person(LEE, time_zone="Mars/Base"), Level.MEND, "unknown time zones: Mars/Base"),
        (partner(holidays="QQ"), Level.MEND, "countries whose holidays are unknown: QQ"),
    ],
)
def test_what_does_not_fit_is_named(change, level, said):
    findings = directory_examined(change(WHOLE), HOME, KNOWN)
    assert [each.is_so for each in findings if each.level is level and each.is_so == said] == [said]
    assert [each for each in directory_examined(WHOLE, HOME, KNOWN) if each.is_so == said] == []
    assert [each for each in findings if "@" in each.is_so + each.advice] == []


def test_workloads_that_nobody_knows_are_named():
    (said,) = [each.is_so for each in directory_examined(no_smes(WHOLE), HOME, KNOWN) if "workloads" in each.is_so]
    assert said.startswith(f"workloads without an SME: {next(iter(WORKLOADS))}, ")
    assert said.endswith(f" and {len(WORKLOADS) - 5} more")


def reached(*emails, directory=WHOLE, installs=False, is_local=False):
    found = reach_examined(directory, emails, HOME, installs=installs, is_local=is_local)
    return [(each.level, each.is_so) for each in found]


def test_people_of_each_tenant_are_counted_and_silent_partners_named():
    everybody = [email for email, each in WHOLE.people.items() if each.partner != "FABRIKAM"]
    assert reached(*everybody) == [
        (Level.OK, "home tenant: 15 of 15 people reached"),
        (Level.OK, "CONTOSO: 3 of 3 people reached"),
        (Level.OK, "FABRIKAM: 0 of 3 people reached"),
        (Level.OK, "NORTHWIND: 2 of 2 people reached"),
        (Level.NOTE, "nobody of FABRIKAM has opened the app yet"),
    ]


@pytest.mark.parametrize(("is_local", "level"), [(False, Level.MEND), (True, Level.NOTE)])
def test_fpms_who_cannot_be_reached_are_named_by_their_partners(is_local, level):
    everybody = [email for email in WHOLE.people if email != LEE]
    said = (level, "1 FPM cannot be reached in Teams, those of CONTOSO")
    assert said in reached(*everybody, is_local=is_local)


def test_fpms_for_whom_the_app_is_installed_are_nothing_to_mend():
    assert (Level.NOTE, "1 FPM cannot be reached in Teams, those of CONTOSO") in reached(
        *(email for email in WHOLE.people if email != LEE), installs=True
    )


def test_an_fpm_of_nobody_is_counted_too():
    alone = Directory({}, {LEE: WHOLE.people[LEE]})
    assert (Level.MEND, "1 FPM cannot be reached in Teams") in reached(directory=alone)


def test_many_tenants_are_one_line():
    lines = [said for _, said in reached(directory=with_many(WHOLE))]
    assert "33 partner tenants: 0 of 8 people reached" in lines
    assert "nobody of CONTOSO, FABRIKAM, NORTHWIND, P00, P01 and 28 more has opened the app yet" in lines


def test_tenants_of_one_partner_are_told_apart():
    tenants = (*WHOLE.partners["CONTOSO"].tenant_ids, "44444444-4444-4444-8444-444444444444")
    lines = [said for _, said in reached(directory=partner(tenant_ids=tenants)(WHOLE))]
    assert f"CONTOSO ({tenants[1]}): 0 of 0 people reached" in lines


async def test_what_is_stored_is_what_is_examined(installation):
    async def forget(store):
        table = store.table("people")
        row = await table.get("partners", "partner:CONTOSO")
        await table.commit(
            "partners", [Put(row.key, {**row.values, "fpm": SAMIRA, "time_zone": "Mars/Base"}, row.etag)]
        )

    await installation.in_the_store(forget)
    line = "MEND  directory: 1 partner whose FPM is missing or no FPM: CONTOSO"
    code, lines = await installation.examined()
    assert code == 1
    assert lines[lines.index(line) + 1].strip().startswith("Correct partners.csv")
    assert "MEND  directory: unknown time zones: Mars/Base" in lines
    assert [line for line in lines if "@" in line] == []

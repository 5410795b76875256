"""The access desk over the real stores: asking, deciding, inviting, codes that are tried, and people who leave."""

import asyncio
import json
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import access
from bot.domain.access import Admission, AdmissionState, id_of_asker
from bot.domain.access_desk import MOST_LISTED, AccessDesk, AccessMistakes, AccessPress, Asker
from bot.domain.errors import Refusal
from bot.domain.people import Identity, Role
from bot.domain.ports import Raced
from state.admissions import AdmissionStore
from state.people import PeopleStore
from state.sqlite import SqliteStore
from state.work import WorkStore
from tests.domain.office import ARJUN, DANA, JOSHUA, KOFI, LEE, MIKA, PIOTR, RENEE, SAMIRA

CONTOSO_TENANT, FABRIKAM_TENANT = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
TOMAS = "tomas.herrera@fabrikam-cloud.example"
MAYA_AT = "maya@contoso.example"
ANSWERS = {"name": "Maya Roth", "email": MAYA_AT, "partner_name": "CONTOSO"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def identity(number=1, tenant_id=CONTOSO_TENANT):
    return Identity(tenant_id, f"77777777-1111-4111-8111-{number:012}")


async def asker(office, number=1, code="CONTOSO"):
    partner = await office.people.partner(code)
    return Asker(identity(number, partner.tenant_ids[0]), partner, "Maya R.")


async def asked(office, number=1, **given):
    return await office.access.ask(await asker(office, number), ANSWERS | given)


async def press(office, email, verb, admission_id, revision=1, **note):
    return await office.access.press(await office.person(email), AccessPress(verb, admission_id, revision, **note))


async def code_for(office, admission_id):
    """Do what sending the mail does, and return the code in it."""
    admission, code = await office.admissions.load(admission_id), access.new_code()
    await office.admissions.save(access.with_code(admission, code, office.now))
    return code


async def admitted(office, number=1, **given):
    """Return the code of somebody who asked and was admitted."""
    admission = await asked(office, number, **given)
    await press(office, LEE, "admit", admission.id)
    return await code_for(office, admission.id)


async def invited(office, email=MAYA_AT, code="CONTOSO", by=LEE):
    view = await office.access.invite(await office.person(by), email, code)
    return await code_for(office, view.admission.id)


async def accept(office, code, number=1, partner="CONTOSO"):
    return await office.access.accept(await asker(office, number, partner), code)


async def refused(doing):
    with pytest.raises(Refusal) as refusal:
        await doing
    return refusal.value.sentence


def stored(tmp_path):
    with closing(sqlite3.connect(tmp_path / "sme.db")) as connection:
        return json.dumps(connection.execute("SELECT * FROM row").fetchall())


@pytest.fixture
async def second_desk(office, tmp_path):
    """The desk of another instance, on the same file."""
    store = SqliteStore(tmp_path / "sme.db")
    await store.open()
    admissions = AdmissionStore(store, WorkStore(store, "others", office.clock), office.clock)
    yield AccessDesk(admissions, PeopleStore(store), office.clock, office.nudged.append)
    await store.close()


async def test_asking_is_kept_once_with_a_notice_for_the_fpm(office):
    first = await asked(office, phone="+49 30 1", contact_email="Maya@Home.example")
    assert (first.state, first.told_at, first.phone) == (AdmissionState.ASKED, "maya@home.example", "+49 30 1")
    assert (await asked(office, name="Somebody Else")).name == "Maya Roth"
    assert await office.told(first.id, 1) == {LEE: "access"}
    assert office.nudged == [first.id]


async def test_asking_at_two_instances_at_once_is_one_request(office, second_desk):
    me = await asker(office)
    found = await asyncio.gather(*(desk.ask(me, ANSWERS) for desk in (office.access, second_desk) * 4))
    assert {a.id for a in found} == {id_of_asker("CONTOSO", me.identity)}
    assert len(await office.requests.notices_of(found[0].id)) == 1


@pytest.mark.parametrize(
    ("key", "raw"),
    [("name", ""), ("name", "\u200b\u202e"), ("name", "x" * 121), ("email", "maya"), ("email", "a@b.c, d@e.fg"),
     ("email", "maya@contoso.example\nBcc: all@x.example"), ("contact_email", "here"), ("phone", "1" * 41),
     ("partner_name", "FABRIKAM"), ("partner_name", "")],
)  # fmt: skip
async def test_an_answer_that_cannot_be_taken_is_named_and_nothing_is_kept(office, tmp_path, key, raw):
    before = stored(tmp_path)
    with pytest.raises(AccessMistakes) as mistakes:
        await asked(office, **{key: raw})
    assert set(mistakes.value.by_field) == {key}
    assert stored(tmp_path) == before


@pytest.mark.parametrize("name", ["\U0001f469\u200d\U0001f680" * 30, "שרה לוי", "x" * 120, "a\tb  c"])
async def test_names_of_all_kinds_are_taken(office, name):
    code = await admitted(office, name=name)
    assert (await accept(office, code)).name == " ".join(name.split())


@pytest.mark.parametrize("who", [ARJUN, RENEE, DANA, PIOTR, KOFI, SAMIRA])
@pytest.mark.parametrize("verb", ["admit", "refuse", "revoke", "send_again", "look"])
async def test_nobody_but_the_fpms_of_the_partner_decides(office, tmp_path, who, verb):
    admission = await asked(office)
    before = stored(tmp_path)
    assert "no such request" in await refused(press(office, who, verb, admission.id))
    assert stored(tmp_path) == before


@pytest.mark.parametrize(
    "forged", ["CONTOSO-access-0123456789abcdef", "NOWHERE-access-0123456789abcdef", "", "-", "x" * 2_000]
)
async def test_an_id_that_nobody_has_is_answered_as_that_of_somebody_else(office, forged):
    assert "no such request" in await refused(press(office, LEE, "admit", forged))


async def test_the_backup_decides_as_well(office):
    admission = await asked(office)
    view = await press(office, MIKA, "admit", admission.id)
    assert (view.admission.state, view.decider, view.note) == (AdmissionState.INVITED, "Mika Tanaka", "")


@pytest.mark.parametrize("verbs", [("admit", "admit"), ("admit", "refuse"), ("refuse", "refuse")])
async def test_two_decisions_at_once_are_one(office, second_desk, verbs):
    admission = await asked(office)
    lee, mika = await office.person(LEE), await office.person(MIKA)
    first, second = (AccessPress(verb, admission.id, 1) for verb in verbs)
    views = await asyncio.gather(office.access.press(lee, first), second_desk.press(mika, second))
    standing = await office.admissions.load(admission.id)
    assert standing.revision == 2
    assert {view.admission.state for view in views} == {standing.state}
    assert sorted(bool(view.note) for view in views) == [False, True]
    assert len(await office.requests.notices_of(admission.id)) == 2


async def test_pressing_again_changes_nothing_and_says_nothing_of_others(office):
    admission = await asked(office)
    await press(office, LEE, "admit", admission.id)
    again = await press(office, LEE, "admit", admission.id)
    assert (again.admission.revision, again.note) == (2, "")


async def test_pressing_something_else_on_an_old_card_is_not_taken_for_done(office):
    admission = await asked(office)
    await press(office, LEE, "admit", admission.id)
    assert (await press(office, LEE, "refuse", admission.id)).note


@pytest.mark.parametrize(("verb", "state"), [("revoke", "asked"), ("send_again", "asked"), ("approve", "asked")])
async def test_a_button_that_the_card_does_not_have_does_nothing(office, verb, state):
    admission = await asked(office)
    assert (await press(office, LEE, verb, admission.id)).admission.state == state


async def test_a_refusal_keeps_its_words_and_too_many_are_refused(office):
    admission = await asked(office)
    assert "500" in await refused(press(office, LEE, "refuse", admission.id, note="x" * 501))
    view = await press(office, LEE, "refuse", admission.id, note=" Not\nnow. ")
    assert (view.admission.state, view.admission.note) == (AdmissionState.REFUSED, "Not\nnow.")
    assert (await asked(office)).state is AdmissionState.REFUSED
    office.now += DAY
    again = await asked(office)
    assert (again.state, again.revision, again.note) == (AdmissionState.ASKED, 3, "")


async def test_who_is_admitted_is_registered_once_and_the_code_then_ends(office):
    code = await admitted(office)
    person = await accept(office, code)
    assert await office.people.by_identity(identity()) == person
    assert "not right" in await refused(accept(office, code))
    assert "not right" in await refused(accept(office, code, 2))
    assert [a.state for a in await office.admissions.of_partner("CONTOSO")] == [AdmissionState.REGISTERED]


class DiesAfterwards(AdmissionStore):
    """Breaks off when somebody is registered, and the code is still to end."""

    async def save(self, admission):
        raise ConnectionError


class DiesBefore(PeopleStore):
    """Breaks off when a code is used, and its owner is still to be registered."""

    async def register(self, person):
        raise ConnectionError


async def test_who_is_removed_cannot_come_back_by_a_registration_that_broke_off(office):
    code = await admitted(office)
    work = WorkStore(office.store, "dying", office.clock)
    dying = replace(office.access, admissions=DiesAfterwards(office.store, work, office.clock))
    with pytest.raises(ConnectionError):
        await dying.accept(await asker(office), code)
    await office.access.remove(await office.person(LEE), MAYA_AT)
    assert "not right" in await refused(accept(office, code))
    assert await office.people.by_identity(identity()) is None


async def test_an_invitation_delivered_again_is_the_same_code(office):
    code = await invited(office)
    view = await office.access.invite(await office.person(LEE), MAYA_AT, "CONTOSO")
    assert view.admission.codes == 1
    assert (await accept(office, code)).email == MAYA_AT


class AlwaysContested(PeopleStore):
    """Others keep changing the person."""

    async def register(self, person):
        raise Raced


async def test_a_code_that_cannot_be_used_for_now_stays_valid(office):
    code = await admitted(office)
    with pytest.raises(Raced):
        await replace(office.access, people=AlwaysContested(office.store)).accept(await asker(office), code)
    assert (await accept(office, code)).email == MAYA_AT


@pytest.mark.parametrize("way", [admitted, invited])
@pytest.mark.parametrize("is_registered", [False, True])
async def test_a_registration_that_broke_off_is_completed_by_the_same_code(office, way, is_registered):
    code = await way(office)
    work = WorkStore(office.store, "dying", office.clock)
    broken = {"admissions": DiesAfterwards(office.store, work, office.clock)}
    dying = replace(office.access, **(broken if is_registered else {"people": DiesBefore(office.store)}))
    with pytest.raises(ConnectionError):
        await dying.accept(await asker(office), code)
    assert (await office.people.by_identity(identity()) is not None) == is_registered
    assert "not right" in await refused(accept(office, code, 2))
    assert (await accept(office, code)).email == MAYA_AT
    assert "not right" in await refused(accept(office, code))
    assert [a.state for a in await office.admissions.of_partner("CONTOSO")] == [AdmissionState.REGISTERED]


class Overtaken(PeopleStore):
    """Registers somebody after something else has happened, once."""

    def __init__(self, store, first):
        super().__init__(store)
        self._first = [first]

    async def register(self, person):
        if self._first:
            with suppress(Refusal):
                await self._first.pop()
        await super().register(person)


async def accept_overtaken(office, code, by):
    slow = replace(office.access, people=Overtaken(office.store, by))
    try:
        return await slow.accept(await asker(office), code)
    except Refusal:
        return None


async def test_an_invitation_used_by_two_accounts_at_once_lets_one_in(office, second_desk):
    code = await invited(office)
    quicker = second_desk.accept(await asker(office, 2), code)
    told_in = [await accept_overtaken(office, code, quicker), await office.people.by_identity(identity(2))]
    (let_in,) = [person.object_id for person in told_in if person]
    found = [each for each in (identity(1), identity(2)) if await office.people.by_identity(each)]
    assert [each.object_id for each in found] == [let_in]


async def test_one_account_with_two_codes_at_once_is_one_person(office, second_desk):
    mine, other = await admitted(office), await invited(office, "maya.second@contoso.example")
    await accept_overtaken(office, mine, second_desk.accept(await asker(office), other))
    same = [p for p in await office.people.contacts("CONTOSO") if p.object_id == identity().object_id]
    assert len(same) == 1


async def test_a_code_revoked_while_it_is_being_used_does_not_stay_used_without_a_trace(office):
    """Whichever comes first: somebody registered is shown as registered, or has not come in."""
    code = await admitted(office)
    known = id_of_asker("CONTOSO", identity())
    await accept_overtaken(office, code, press(office, LEE, "revoke", known, 2))
    is_in = await office.people.by_identity(identity()) is not None
    assert is_in == ((await office.admissions.load(known)).state is AdmissionState.REGISTERED)


async def test_ten_thousand_wrong_codes_of_one_account_look_at_five_an_hour(office, tmp_path):
    code = await admitted(office)
    said = [await refused(accept(office, access.new_code())) for _ in range(10_000)]
    assert ["Too many" in sentence for sentence in said] == [False] * 5 + [True] * 9_995
    assert "Too many" in await refused(accept(office, code))
    assert await office.people.by_identity(identity()) is None
    assert code not in stored(tmp_path)
    office.now += HOUR
    assert await accept(office, code)


async def test_wrong_codes_of_many_accounts_are_counted_for_each(office):
    await invited(office)
    said = [await refused(accept(office, access.new_code(), number)) for number in range(100) for _ in range(7)]
    assert sum("Too many" in sentence for sentence in said) == 200
    assert [p.email for p in await office.people.contacts("CONTOSO") if p.email == MAYA_AT] == []


async def test_codes_tried_at_once_at_two_instances_are_looked_at_five_times(office, second_desk):
    code = await admitted(office)
    me = await asker(office)
    tries = [desk.accept(me, access.new_code()) for desk in (office.access, second_desk) for _ in range(20)]
    said = [refusal.sentence for refusal in await asyncio.gather(*tries, return_exceptions=True)]
    assert sum("Too many" in sentence for sentence in said) == 35
    assert "Too many" in await refused(second_desk.accept(me, code))


async def test_the_lock_is_not_drawn_out_by_trying_on(office):
    code = await admitted(office)
    for minutes in range(0, 60, 5):
        office.now += timedelta(minutes=5)
        assert ("Too many" in await refused(accept(office, "0" * 10))) == (minutes >= 25)
    office.now += timedelta(minutes=25)
    assert await accept(office, code)


async def test_an_address_of_somebody_else_never_gives_their_account_away(office):
    before = await office.person(DANA)
    code = await admitted(office, email=DANA, contact_email="thief@contoso.example")
    assert (await office.admissions.load(id_of_asker("CONTOSO", identity()))).is_taken
    sentence = await refused(accept(office, code))
    assert await office.person(DANA) == before
    assert await office.people.by_identity(identity()) is None
    assert "registered" not in sentence, "it tells that the address is known"


@pytest.mark.parametrize("address", [KOFI, JOSHUA, TOMAS])
async def test_an_address_of_another_tenant_stays_whose_it_is(office, address):
    before = await office.person(address)
    await refused(accept(office, await admitted(office, email=address)))
    assert await office.person(address) == before


async def test_who_stands_in_the_files_without_an_account_comes_in_as_that_person(office):
    code = await invited(office, TOMAS, "fabrikam", RENEE)
    person = await accept(office, code, partner="FABRIKAM")
    assert (person.name, person.time_zone) == ("Tomás Herrera", "America/Mexico_City")
    assert await office.people.by_identity(identity(1, FABRIKAM_TENANT)) == person


async def test_an_invited_contact_of_another_partner_gets_the_partner_added(office):
    """Or the FPM is told at once that it cannot be; a code that never works helps nobody."""
    try:
        code = await invited(office, JOSHUA)
    except Refusal:
        return
    joshua = await office.person(JOSHUA)
    partner = await office.people.partner_of_tenant(joshua.tenant_id)
    person = await office.access.accept(Asker(Identity(joshua.tenant_id, joshua.object_id), partner), code)
    assert person.partners == ("FABRIKAM", "CONTOSO")


@pytest.mark.parametrize("code", ["FABRIKAM", "NOWHERE", "", "CONTOSO FABRIKAM", "x" * 2_000])
async def test_an_fpm_invites_for_their_own_partners_only(office, code):
    assert "not the FPM" in await refused(office.access.invite(await office.person(LEE), MAYA_AT, code))


async def test_inviting_what_is_no_address_or_somebody_registered_says_so(office):
    lee = await office.person(LEE)
    assert "e-mail address" in await refused(office.access.invite(lee, "maya", "CONTOSO"))
    assert "Dana Reyes is registered" in await refused(office.access.invite(lee, DANA.upper(), "CONTOSO"))


async def test_an_invitation_that_is_revoked_or_was_sent_again_opens_no_more(office):
    code = await invited(office)
    (view,) = await office.access.invitations(await office.person(LEE))
    await press(office, LEE, "send_again", view.admission.id, 1)
    assert "not right" in await refused(accept(office, code))
    code = await code_for(office, view.admission.id)
    assert (await press(office, MIKA, "revoke", view.admission.id, 2)).admission.state is AdmissionState.REVOKED
    assert "not right" in await refused(accept(office, code))


async def test_of_a_hundred_invitations_those_that_wait_longest_can_be_reached(office):
    oldest = await asked(office, 1)
    for number in range(2, 101):
        office.now += timedelta(minutes=1)
        await asked(office, number, email=f"p{number}@contoso.example")
    listed = await office.access.invitations(await office.person(LEE))
    assert len(listed) <= MOST_LISTED + 1
    assert oldest.id in {view.admission.id for view in listed}


async def test_invitations_are_those_of_the_own_partners(office):
    await invited(office)
    await invited(office, "b@fabrikam.example", "FABRIKAM", RENEE)
    for email, expected in ((LEE, 1), (RENEE, 1), (MIKA, 2), (ARJUN, 0), (SAMIRA, 0)):
        assert len(await office.access.invitations(await office.person(email))) == expected


async def test_deciding_goes_on_when_the_fpm_or_the_partner_is_removed_meanwhile(office):
    admission = await asked(office)
    lee = await office.person(LEE)
    await office.people.remove(lee)
    assert (await press(office, MIKA, "look", admission.id)).partner.code == "CONTOSO"
    sample = await office.people.export()
    people = {e: p for e, p in sample.people.items() if p.partner != "CONTOSO"}
    partners = {c: p for c, p in sample.partners.items() if c != "CONTOSO"}
    await office.people.load(replace(sample, partners=partners, people=people), remove_missing=True)
    assert "no such request" in await refused(press(office, MIKA, "admit", admission.id))


async def test_an_fpm_removes_a_requester_of_their_partner_and_nobody_else(office):
    lee, dana = await office.person(LEE), await office.person(DANA)
    for email in (JOSHUA, KOFI, LEE, MIKA, "nobody@x.example", "", "x" * 2_000):
        assert "no such person" in await refused(office.access.remove(lee, email))
    assert (await office.access.remove(lee, f" {DANA.upper()} ")).name == "Dana Reyes"
    assert await office.people.by_identity(Identity(dana.tenant_id, dana.object_id)) is None
    assert "no such person" in await refused(office.access.remove(dana, PIOTR))


async def test_a_removed_person_keeps_what_is_not_the_fpms_to_take(office):
    lee = await office.person(LEE)
    both = replace(await office.person(JOSHUA), partner="CONTOSO;FABRIKAM")
    await office.people.register(both)
    await office.access.remove(lee, JOSHUA)
    assert (await office.person(JOSHUA)).partners == ("FABRIKAM",)
    roles = frozenset({Role.SME, Role.REQUESTER})
    await office.people.register(replace(await office.person(KOFI), partner="CONTOSO", roles=roles))
    await office.access.remove(lee, KOFI)
    assert ((await office.person(KOFI)).roles, (await office.person(KOFI)).partner) == (frozenset({Role.SME}), "")


async def test_a_contact_of_two_partners_loses_the_partner_that_is_not_of_their_tenant(office):
    shared = replace(await office.person(DANA), partner="CONTOSO;FABRIKAM")
    await office.people.register(shared)
    await office.access.remove(await office.person(LEE), DANA)
    assert await office.person(DANA) is None


async def test_the_programme_removes_anybody_but_an_fpm_of_a_partner_and_itself(office):
    samira = await office.person(SAMIRA)
    assert "Please name another FPM" in await refused(office.access.remove(samira, LEE))
    assert "no such person" in await refused(office.access.remove(samira, SAMIRA))
    assert (await office.access.remove(samira, KOFI)).email == KOFI
    assert await office.person(KOFI) is None


async def test_a_store_in_which_others_are_always_first_gives_up(office):
    class Busy(AdmissionStore):
        async def commit(self, admission, notices):
            raise Raced

    admission = await asked(office)
    work = WorkStore(office.store, "busy", office.clock)
    busy = replace(office.access, admissions=Busy(office.store, work, office.clock))
    lee = await office.person(LEE)
    with pytest.raises(Raced):
        await busy.press(lee, AccessPress("admit", admission.id, 1))
    with pytest.raises(Raced):
        await busy.invite(lee, MAYA_AT, "CONTOSO")
    with pytest.raises(Raced):
        await busy.ask(await asker(office, 2), ANSWERS)


async def test_who_was_revoked_may_ask_at_once(office):
    code = await admitted(office)
    await press(office, LEE, "revoke", id_of_asker("CONTOSO", identity()), 2)
    assert (await asked(office)).state is AdmissionState.ASKED
    assert "not right" in await refused(accept(office, code))


async def test_an_expired_admission_can_be_asked_for_anew(office):
    await admitted(office)
    me = await asker(office)
    assert (await asked(office)).state is AdmissionState.INVITED
    office.now += timedelta(days=7)
    again: Admission = await asked(office)
    assert (again.state, again.code_hash, again.codes) == (AdmissionState.ASKED, "", 1)
    assert (await office.access.standing(me)).id == again.id

"""What the courier tells of an admission: codes and refusals by mail, cards for the FPM, and what is overtaken."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.access import AdmissionState, id_of_asker
from bot.domain.access_desk import AccessPress, Asker
from bot.domain.delivery import Attempt, Result
from bot.domain.errors import Refusal
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.people import Directory, Identity
from state.directory_files import read_files
from state.sqlite import SqliteStore
from tests.domain.office import ARJUN, DANA, HOME, LEE, MIKA, SAMPLE, opened_office
from tests.test_courier import Mails, Round

MAYA = Identity("11111111-1111-4111-8111-111111111111", "77777777-1111-4111-8111-777777777777")
MAYA_AT = "maya@contoso.example"
ANSWERS = {"name": "Maya Roth", "email": MAYA_AT, "partner_name": "CONTOSO"}
ID = id_of_asker("CONTOSO", MAYA)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class CodeMails(Mails):
    """Keeps the codes too; `during` happens while a mail is under way."""

    during = None

    async def send(self, key, to, subject, text):
        if self.during:
            doing, self.during = self.during, None
            await doing
        await super().send(key, to, subject, text)

    @property
    def codes(self):
        lines = [line for _, _, text in self.sent.values() for line in text.splitlines()]
        return [line.removeprefix("accept ") for line in lines if line.startswith("accept ")]


class Rounds(Round):
    def __init__(self, office, store):
        super().__init__(office, store)
        self.mails = CodeMails()
        self.courier = self.courier_over(office.requests, office.lists)

    async def asker(self):
        return Asker(MAYA, await self.office.people.partner("CONTOSO"), "Maya R.")

    async def asked(self):
        return await self.office.access.ask(await self.asker(), ANSWERS)

    async def press(self, verb, revision=1, who=LEE):
        await self.office.access.press(await self.office.person(who), AccessPress(verb, ID, revision))

    async def admitted(self):
        await self.asked()
        await self.press("admit")

    async def accept(self, code):
        try:
            return await self.office.access.accept(await self.asker(), code)
        except Refusal:
            return None

    async def admission(self):
        return await self.office.admissions.load(ID)

    async def states(self, topic):
        return [(n.recipient, n.state, n.way) for n in await self.office.requests.notices_of(ID) if n.topic is topic]


@pytest.fixture
async def rounds(tmp_path):
    store = SqliteStore(tmp_path / "sme.db")
    await store.open()
    yield Rounds(await opened_office(store), store)
    await store.close()


async def test_who_is_admitted_gets_one_mail_with_a_code_that_works(rounds):
    await rounds.admitted()
    assert await rounds.courier.settle(ID) is None
    assert await rounds.courier.settle(ID) is None
    assert rounds.mails.recipients == [MAYA_AT]
    assert await rounds.states(Topic.INVITATION) == [(MAYA_AT, NoticeState.DELIVERED, Way.MAIL)]
    assert await rounds.accept(rounds.mails.codes[0])


async def test_a_code_stands_in_no_row_and_no_log_line(rounds, tmp_path, caplog):
    caplog.set_level("DEBUG")
    await rounds.admitted()
    await rounds.courier.settle(ID)
    (code,) = rounds.mails.codes
    await rounds.accept("ZZYYX-XWWVV")
    for _ in range(2):
        with closing(sqlite3.connect(tmp_path / "sme.db")) as connection:
            rows = json.dumps(connection.execute("SELECT * FROM row").fetchall())
        assert code not in rows
        assert "ZZYYX" not in rows
        await rounds.accept(code)
    assert code not in caplog.text
    assert code not in "".join(str(record.__dict__) for record in caplog.records)


async def test_a_mail_that_could_not_be_sent_is_tried_again_with_another_code(rounds):
    await rounds.admitted()
    rounds.mails.is_out_of_order = True
    again = await rounds.courier.settle(ID)
    assert await rounds.states(Topic.INVITATION) == [(MAYA_AT, NoticeState.PENDING, Way.NONE)]
    rounds.mails.is_out_of_order = False
    rounds.office.now = again
    await rounds.courier.settle(ID)
    assert (await rounds.admission()).codes == 2
    assert await rounds.accept(rounds.mails.codes[0])


async def given_up(rounds):
    await rounds.admitted()
    await rounds.courier.settle(ID)
    rounds.mails.sent.clear()
    await rounds.press("send_again", 2)
    rounds.mails.is_out_of_order = True
    await rounds.courier.settle(ID)
    rounds.office.now += 25 * HOUR
    while await rounds.courier.settle(ID) == rounds.office.now:
        pass


async def test_a_mail_that_is_given_up_is_parked_and_the_fpm_told(rounds):
    await given_up(rounds)
    states = await rounds.states(Topic.INVITATION)
    assert (MAYA_AT, NoticeState.PARKED, Way.NONE) in states
    assert any("could not be sent" in summary for email, _, summary in rounds.teams.posts if email == LEE)
    (parked,) = [n for n in await rounds.office.requests.notices_of(ID) if n.state is NoticeState.PARKED]
    assert parked.reason == "no mail: mail is out of order"


async def test_the_card_about_a_mail_that_failed_says_so_itself(rounds):
    await given_up(rounds)
    card = [card for email, card, summary in rounds.teams.posts if email == LEE and "could not be sent" in summary][-1]
    assert "could not be sent" in card
    assert "The code is sent to" not in card


async def test_after_the_mail_failed_the_fpm_can_send_it_again(rounds):
    await given_up(rounds)
    rounds.mails.is_out_of_order = False
    await rounds.press("send_again", 3)
    await rounds.courier.settle(ID)
    assert await rounds.accept(rounds.mails.codes[-1])


async def test_what_is_revoked_while_its_mail_waits_is_not_mailed(rounds):
    await rounds.admitted()
    await rounds.press("revoke", 2)
    await rounds.courier.settle(ID)
    assert rounds.mails.sent == {}
    assert await rounds.states(Topic.INVITATION) == [(MAYA_AT, NoticeState.DELIVERED, Way.NONE)]


async def test_what_is_revoked_while_its_mail_is_under_way_opens_nothing(rounds):
    await rounds.admitted()
    rounds.mails.during = rounds.press("revoke", 2)
    await rounds.courier.settle(ID)
    assert await rounds.accept(rounds.mails.codes[0]) is None
    assert (await rounds.admission()).state is AdmissionState.REVOKED


async def test_of_two_mails_because_the_first_was_not_noted_the_second_code_works(rounds):
    class DyingError(Exception):
        pass

    async def dies():
        raise DyingError

    await rounds.admitted()
    rounds.mails.during = dies()
    with pytest.raises(ExceptionGroup):
        await rounds.courier.settle(ID)
    rounds.office.now += HOUR
    await rounds.courier.settle(ID)
    assert len(rounds.mails.codes) == 1
    assert await rounds.accept(rounds.mails.codes[0])


async def test_who_is_refused_reads_it_in_a_mail(rounds):
    await rounds.asked()
    await rounds.press("refuse")
    await rounds.courier.settle(ID)
    ((to, subject, text),) = rounds.mails.sent.values()
    assert (to, subject) == (MAYA_AT, "Your access to SME requests")
    assert "Lee Park" in text


async def test_the_card_of_the_fpm_follows_what_becomes_of_it(rounds):
    await rounds.asked()
    await rounds.courier.settle(ID)
    await rounds.press("admit", who=MIKA)
    await rounds.courier.settle(ID)
    await rounds.accept(rounds.mails.codes[0])
    await rounds.courier.settle(ID)
    assert [("Mika Tanaka" in card, "Registered" in card) for _, _, card in rounds.teams.updates] == [
        (True, False),
        (False, True),
    ]


async def test_an_fpm_without_teams_is_asked_by_mail(rounds):
    rounds.teams.script[LEE] = [Result.UNREACHABLE]
    await rounds.asked()
    await rounds.courier.settle(ID)
    ((to, subject, text),) = rounds.mails.sent.values()
    assert (to, subject) == (LEE, "Maya Roth asks for access for Contoso Consulting")
    assert "invitations" in text
    assert await rounds.courier.arrived(LEE) == [ID]
    await rounds.courier.settle(ID)
    assert len(rounds.teams.posted_to(LEE)) == 2


async def test_a_card_that_teams_refuses_is_told_in_words(rounds):
    rounds.teams.script[LEE] = [Attempt(Result.REFUSED, "BadSyntax")]
    await rounds.asked()
    await rounds.courier.settle(ID)
    assert "Type invitations to act on it" in rounds.teams.posted_to(LEE)[-1]


async def test_for_an_fpm_who_is_removed_the_backup_is_asked(rounds):
    await rounds.asked()
    await rounds.office.people.remove(await rounds.office.person(LEE))
    await rounds.courier.settle(ID)
    await rounds.courier.settle(ID)
    assert [email for email, _, _ in rounds.teams.posts] == [MIKA]


async def changed_directory(rounds, **changes):
    sample = read_files(SAMPLE, HOME)
    partners = {**sample.partners, "CONTOSO": replace(sample.partners["CONTOSO"], **changes)}
    people = {email: person for email, person in sample.people.items() if email != LEE or not changes}
    await rounds.office.people.load(Directory(partners, people), remove_missing=True)


async def test_when_the_fpm_is_replaced_and_gone_the_new_one_is_asked(rounds):
    await rounds.asked()
    await changed_directory(rounds, fpm=ARJUN, backup_fpm="")
    await rounds.courier.settle(ID)
    await rounds.courier.settle(ID)
    assert [email for email, _, _ in rounds.teams.posts] == [ARJUN]


async def test_who_is_not_the_fpm_any_more_is_shown_nothing_new(rounds):
    await rounds.asked()
    await rounds.courier.settle(ID)
    lee = await rounds.office.person(LEE)
    await changed_directory(rounds, fpm=ARJUN, backup_fpm="")
    await rounds.office.people.register(lee)
    await rounds.press("admit", who=ARJUN)
    await rounds.courier.settle(ID)
    shown = [card for email, _, card in rounds.teams.updates if email == LEE]
    assert not [card for card in shown if MAYA_AT in card]


@pytest.mark.parametrize("verb", ["", "admit", "refuse"])
async def test_when_the_partner_is_removed_meanwhile_everything_is_settled(rounds, verb):
    await rounds.asked()
    if verb:
        await rounds.courier.settle(ID)
        await rounds.press(verb)
    sample = read_files(SAMPLE, HOME)
    people = {email: p for email, p in sample.people.items() if "CONTOSO" not in p.partners}
    partners = {code: p for code, p in sample.partners.items() if code != "CONTOSO"}
    await rounds.office.people.load(Directory(partners, people), remove_missing=True)
    assert await rounds.courier.settle(ID) is None
    assert not [n for n in await rounds.office.requests.notices_of(ID) if n.is_open]
    assert rounds.mails.codes == []


async def test_the_notice_of_a_request_for_somebody_who_left_is_parked_with_that_reason(rounds):
    number = await rounds.office.submitted()
    await rounds.office.people.remove(await rounds.office.person(LEE))
    await rounds.courier.settle(number)
    notice = await rounds.notice(number, LEE)
    assert (notice.state, notice.reason) == (NoticeState.PARKED, "is not in the directory")


async def test_the_notice_of_an_admission_for_somebody_who_left_is_parked_with_that_reason(rounds):
    await rounds.asked()
    await rounds.office.people.remove(await rounds.office.person(LEE))
    await rounds.courier.settle(ID)
    notice = await rounds.notice(ID, LEE)
    assert (notice.state, notice.reason) == (NoticeState.PARKED, "is not in the directory")


async def test_a_question_for_somebody_who_left_is_parked_as_well(rounds):
    at = rounds.office.now
    question = Notice("CONTOSO-QUESTN", 0, Topic.QUESTION, LEE, "May we ask?", at, at, sender=DANA)
    await rounds.office.requests.add_notice(question)
    await rounds.office.people.remove(await rounds.office.person(LEE))
    await rounds.courier.settle(question.number)
    assert (await rounds.notice(question.number, LEE)).reason == "is not in the directory"

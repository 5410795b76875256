"""A town: the office with chats, mails and drafts beside it, and stories in which everybody leaves words behind."""

import json
import random
from dataclasses import replace
from datetime import timedelta

from bot.domain.agenda import agenda_id
from bot.domain.errors import Refusal
from bot.domain.lifecycle import Action
from bot.domain.notices import NoticeState, Way
from bot.domain.people import Address, Cover, Identity
from bot.domain.timekeeper import Timekeeper
from bot.mail import FolderMail
from state.conversations import ConversationStore
from state.erasure import Erasure
from state.history import HistoryCheck
from state.personal_data import ERASURES, all_rows
from state.table import StoreUnavailable
from state.views_rebuild import ViewsRebuild
from tests.domain.office import (
    ANA,
    ARJUN,
    DANA,
    HIROSHI,
    JOSHUA,
    KOFI,
    LAURA,
    LEE,
    MIKA,
    PIOTR,
    RENEE,
    SAMIRA,
    TOKEN,
    opened_office,
)

EVERYBODY = (DANA, PIOTR, JOSHUA, LEE, MIKA, RENEE, ARJUN, ANA, HIROSHI, KOFI, LAURA, SAMIRA)
WORDS = "Written by {} in their own words, about attempt {}."
VERBS = {
    Action.APPROVE: (),
    Action.DENY: ("deny_note",),
    Action.RETURN: ("return_note",),
    Action.DELEGATE: (),
    Action.ASSIGN: (),
    Action.ACCEPT: (),
    Action.DECLINE: ("decline_reason",),
    Action.RELEASE: ("release_reason",),
    Action.CLOSE: ("close_reason",),
    Action.REOPEN: ("reopen_reason",),
    Action.ISSUE: ("issue_text",),
    Action.ANSWER: ("answer_text",),
    Action.WITHDRAW: (),
    Action.CONTACTED: (),
    Action.KICKOFF: ("expectations", "outcomes", "exit_criteria"),
    Action.AGREE: (),
    Action.NOTE: ("note_summary", "note_next", "note_concerns"),
    Action.COMPLETE: ("summary", "waive_reason", "feedback"),
    Action.RATE: ("rating_comment",),
}
AMARA = "Amara Okafor"
"""Somebody of Contoso who asks for nothing and learns."""
SELDOM = {
    Action.WITHDRAW, Action.DENY, Action.RELEASE, Action.CLOSE, Action.RETURN, Action.DELEGATE, Action.DECLINE,
    Action.ISSUE,
}  # fmt: skip
"""What ends a story, turns it back or can always be done."""


def silent(*_done):
    """Show no progress."""


def chat_of(email):
    return f"a:1{email}"


class Town:
    """An office whose people have chats, with mails beside it."""

    def __init__(self, office, folder):
        self.office, self.store, self.folder = office, office.store, folder
        self.mail = FolderMail(folder)

    async def settle_in(self):
        for email in EVERYBODY:
            person = await self.office.person(email)
            address = Address("https://x.example/", chat_of(email), person.tenant_id, f"29:1{email}", "28:bot")
            await self.office.people.remember_address(Identity(person.tenant_id, person.object_id), address)

    async def deliver(self, number):
        """Tell what there is to tell of a request: some by card, some by mail, and some in vain."""
        await self.office.write_lists(number)
        await self._tell(number, (await self.office.request(number)).answers.get("justification", ""))
        await self.rebuild()

    async def pass_time(self, hours, *numbers):
        """Let time pass: the clock tells of what is late, and everybody gets the word that is due to them."""
        office = self.office
        office.now += timedelta(hours=hours)
        for number in numbers:
            await Timekeeper(office.desk.filing, office.clock).look(number)
            await office.write_lists(number)
        for email in EVERYBODY:
            await office.desk.agendas.look(email)
            await self._tell(agenda_id(email))
        await self.rebuild()

    async def _tell(self, about, words=""):
        for count, notice in enumerate(await self.office.requests.notices_of(about)):
            if not notice.is_open:
                continue
            after = [
                replace(notice, state=NoticeState.DELIVERED, way=Way.TEAMS, conversation_id=chat_of(notice.recipient)),
                replace(notice, state=NoticeState.DELIVERED, way=Way.MAIL),
                replace(notice, state=NoticeState.PARKED, reason="unreachable", attempts=2),
                replace(notice, attempts=1, reason="not now"),
            ][count % 4]
            if after.way is Way.MAIL:
                key = f"{about}/{notice.revision}/{notice.topic}/{notice.recipient}"
                await self.mail.send(key, notice.recipient, notice.sentence.partition("\n")[0], notice.sentence + words)
            await self.office.lists.note_delivery(after, self.office.now)
            await self.office.requests.save_notice(after)
            for number in after.listed if after.is_live_copy else ():
                await self.office.requests.add_notice(replace(after, number=number, shown=1, etag=""))

    async def rebuild(self):
        rebuilt = await ViewsRebuild(self.store, self.office.clock, silent).run()
        return rebuilt.written, rebuilt.removed

    async def keep_draft(self, email, **answers):
        conversations = ConversationStore(self.store)
        chat = await conversations.load(chat_of(email))
        chat.answers = {"justification": WORDS.format(email, 0), **answers}
        await conversations.save(chat)

    async def erase(self, email):
        return await Erasure(self.store, self.folder, self.office.clock, silent).run(email)

    async def told(self):
        """Return all that is kept, as one text for each row and mail."""
        rows = [
            json.dumps([t, r.partition, r.key, dict(r.values)], ensure_ascii=False)
            async for t, r in all_rows(self.store)
        ]
        rows += [json.dumps(dict(row.values)) async for row in self.store.table("settings").scan(ERASURES)]
        return rows + [file.read_text(encoding="utf-8") for file in self.folder.glob("*")]

    async def standing(self, *needles):
        return [text for text in await self.told() for needle in needles if needle and needle.lower() in text.lower()]

    async def faults(self):
        return [fault async for _, fault in HistoryCheck(self.store).faults() if fault]


async def town_on(store, folder):
    made = Town(await opened_office(store), folder / "mail")
    await made.settle_in()
    return made


async def lived(town):
    """Return a request that has seen most of what can happen to one, with Dana's and others' words in it."""
    office = town.office
    number = await office.submitted(justification=WORDS.format("dana", 1), notes=WORDS.format("dana", 2))
    await office.press(LEE, "return", number, return_fields="notes", return_note=WORDS.format("lee", 1))
    answers = {**(await office.request(number)).answers, "notes": WORDS.format("piotr", 1), "fpm": LEE}
    await office.resubmit(await office.person(PIOTR), number, TOKEN, answers)
    await office.press(LEE, "delegate", number, delegate_to=MIKA)
    await office.press(MIKA, "approve", number)
    await office.press(ANA, "assign", number, sme=KOFI)
    await office.press(KOFI, "decline", number, decline_reason=WORDS.format("kofi", 1))
    await office.press(ANA, "assign", number, sme=LAURA)
    await office.press(LAURA, "accept", number)
    await office.press(DANA, "issue", number, issue_text=WORDS.format("dana", 3))
    await office.desk.intake.ask_fpm(await office.person(DANA), WORDS.format("dana", 4), "form-1")
    await town.keep_draft(DANA)
    await town.keep_draft(PIOTR, contact_email=DANA)
    await town.deliver(number)
    return number


async def acted_for_each_other(town):
    """Let Lee approve for Renee, who looks after no partner, and Renee for Mika; return the numbers and Renee."""
    office = town.office
    renee = await office.person(RENEE)
    directory = await office.people.export()
    partners = {code: replace(p, fpm=LEE) if p.fpm == RENEE else p for code, p in directory.partners.items()}
    await office.people.load(replace(directory, partners=partners))
    days = (office.now - timedelta(days=1), office.now + timedelta(days=2))
    await office.people.add_cover(Cover(RENEE, LEE, *days))
    await office.people.add_cover(Cover(MIKA, RENEE, *days))
    renees = await office.submitted(fpm=RENEE)
    mikas = await office.submitted(token="c" * 32, fpm=MIKA, tenant_name="Wingtip Toys")
    await town.deliver(renees)
    await town.pass_time(2, renees, mikas)
    await office.press(LEE, "approve", renees)
    await office.press(RENEE, "approve", mikas)
    await town.deliver(renees)
    await town.deliver(mikas)
    await town.pass_time(28, renees, mikas)
    return renees, mikas, renee


class BreakingStore:
    """A store that cannot be reached any more after so many commits."""

    def __init__(self, store, commits, meanwhile=None):
        self._store, self.left, self.meanwhile = store, commits, meanwhile

    def table(self, name):
        return BreakingTable(self, self._store.table(name))


class BreakingTable:
    def __init__(self, store, table):
        self._store, self._table = store, table
        self.get, self.scan, self.partitions = table.get, table.scan, table.partitions

    async def commit(self, partition, changes):
        self._store.left -= 1
        if self._store.left < 0:
            raise StoreUnavailable("gone")
        if self._store.meanwhile:
            await self._store.meanwhile(partition, changes)
        return await self._table.commit(partition, changes)


async def allowed_to(town, who, number):
    """Return the verbs that somebody may press now, in order."""
    case = await town.office.requests.load(number)
    view = await town.office.viewing.at_a_glance(case, await town.office.person(who))
    return sorted(view.allowed & VERBS.keys())


async def random_press(town, chance, number, count):
    """Let somebody do something to a request, most often something that they may do."""
    office = town.office
    request = await office.request(number)
    who = chance.choice((chance.choice(EVERYBODY), request.sme or ANA, request.requester, request.fpm))
    verbs = await allowed_to(town, who, number) if chance.random() < 0.8 else list(VERBS)
    wanted = [verb for verb in verbs if verb not in SELDOM or chance.random() < 0.1]
    if not wanted:
        return
    verb = chance.choice(wanted)
    words = dict.fromkeys(VERBS[verb], WORDS.format(who, count))
    target = {"delegate_to": chance.choice((LEE, MIKA, RENEE)), "sme": chance.choice((KOFI, LAURA))}
    chosen = {"deny_reason": "other", "return_fields": "notes", "rating": chance.choice("15")}
    if verb is Action.ASSIGN:
        words["assign_note"] = WORDS.format(who, count)
    chosen |= {"mode": "with_partner", "start": "2026-11-23", "end": "2026-12-11", "note_status": "paused"}
    chosen["learners"] = f"{chance.choice(EVERYBODY)}; {AMARA}"
    office.now += timedelta(minutes=1)
    try:
        await office.press(who, verb, number, **words, **target, **chosen)
    except Refusal:
        return
    if (request := await office.request(number)).status == "returned":
        by = chance.choice((DANA, PIOTR)) if request.partner == "CONTOSO" else JOSHUA
        answers = {**request.answers, "notes": WORDS.format(by, count), "fpm": chance.choice((LEE, RENEE))}
        await office.resubmit(await office.person(by), number, f"{count:032x}", answers)


async def random_proposal(town, chance, token):
    """Let somebody propose help to somebody of Contoso, and see what becomes of it; return its number."""
    by = chance.choice((LEE, ANA, HIROSHI))
    period = {
        "start": town.office.now.date().isoformat(),
        "end": (town.office.now.date() + timedelta(days=9)).isoformat(),
    }
    asked = {"partner": "CONTOSO", "contact": chance.choice((DANA, PIOTR)), "sme": chance.choice((KOFI, LAURA))}
    inputs = {**period, **asked, "workload": "TEAMS", "topic": "adoption", "outcomes": WORDS.format(by, 0)}
    number = (await town.office.desk.proposals.propose(await town.office.person(by), token, inputs)).request.number
    await town.office.press(asked["contact"], "agree", number)
    for step in range(30):
        await random_press(town, chance, number, step)
        if chance.random() < 0.05:
            await town.pass_time(chance.choice((1, 30, 100)), number)
    await town.deliver(number)
    return number


async def random_story(town, seed):
    chance = random.Random(seed)  # noqa: S311 - a story is no secret
    numbers = []
    for away, acting in chance.sample([(LEE, RENEE), (RENEE, ARJUN), (MIKA, LEE), (LEE, MIKA)], 2):
        days = [town.office.now + timedelta(days=chance.randint(*between)) for between in ((-1, 2), (3, 9))]
        await town.office.people.add_cover(Cover(away, acting, *days))
    for count in range(4):
        by = chance.choice((DANA, PIOTR, JOSHUA))
        partner, fpm = ("FABRIKAM", RENEE) if by == JOSHUA else ("CONTOSO", LEE)
        contact = chance.choice((by, DANA, "desk@contoso-consulting.example"))
        given = {"partner_name": partner, "fpm": fpm, "contact_email": contact, "notes": WORDS.format(by, count)}
        number = await town.office.submitted(token=f"{seed * 100 + count:032x}", by=by, **given)
        numbers.append(number)
        for step in range(35):
            await random_press(town, chance, number, step)
            if chance.random() < 0.1:
                await town.deliver(number)
            if chance.random() < 0.1:
                await town.pass_time(chance.choice((1, 5, 30)), *numbers)
    numbers += [await random_proposal(town, chance, f"{seed * 100 + count:032x}") for count in (50, 51)]
    for email in chance.sample(EVERYBODY, 5):
        await town.keep_draft(email, contact_email=chance.choice(EVERYBODY))
    for number in numbers[:3]:
        await town.deliver(number)
    for number in numbers:
        await town.office.write_lists(number)
    await town.rebuild()
    return chance.sample(EVERYBODY, len(EVERYBODY)), numbers


def shape_of(request):
    return (
        request.status,
        request.revision,
        request.submitted_at,
        request.customer,
        request.verdict,
        request.open_issues,
    )

"""Turns over the real stores and dialogs: saved before anything is sent, and nothing is done twice."""

import itertools

import pytest

from bot.agenda_news import AgendaNews
from bot.channel.activities import decode
from bot.channel.adapter import TeamsAdapter, TurnResult
from bot.channel.connector import Connector, Outcome
from bot.channel.outbox import Outbox
from bot.channel.roster import Roster
from bot.dialogs.talk import DRAFT_WAITS, NOT_UNDERSTOOD, Talk
from bot.domain.ports import Conversation, Raced
from bot.floods import Floods
from bot.strangers import Strangers
from bot.teams_bot import TeamsBot
from bot.turns import Turns
from state.conversations import ConversationStore, dump_stack, load_stack
from state.sqlite import SqliteStore
from tests.channel.local_framework import payload
from tests.domain.office import ANSWERS, DANA, HOME, LEE, opened_office
from tests.stories.shown_card import Message

CHAT = "a:1chat"
DELIVERED, REJECTED = 201, 400
NOBODY = ""
TENANT_PAGE = {key: ANSWERS[key] for key in ("tenant_id", "tenant_name", "tenant_segment", "region")}


class Line:
    """The connector: shows what arrives, and rejects as many calls as it is told to."""

    def __init__(self):
        self.shown = []
        self.rejections = 0
        self._ids = itertools.count(1)

    async def post(self, _service_url, _conversation_id, activity, _reply_to):
        if self.rejections:
            self.rejections -= 1
            return Outcome(REJECTED, None, "BadSyntax", None)
        self.shown.append(Message.of(f"posted-{next(self._ids)}", activity))
        return Outcome(DELIVERED, self.shown[-1].id, "", None)

    async def update(self, _service_url, _conversation_id, activity_id, activity):
        next(m for m in self.shown if m.id == activity_id).becomes(activity)
        return Outcome(DELIVERED, activity_id, "", None)


class Contested:
    """The real store of conversations, with another instance that is so many times faster in saving."""

    def __init__(self, store):
        self._store = store
        self.rivals = 0

    async def load(self, conversation_id):
        return await self._store.load(conversation_id)

    async def save(self, conversation):
        if self.rivals:
            self.rivals -= 1
            faster = await self._store.load(conversation.id)
            faster.seen.append(f"of the rival {self.rivals}")
            await self._store.save(faster)
        await self._store.save(conversation)


class Copies:
    """The courier and its copies, as far as turns need them."""

    def __init__(self):
        self.copies, self.kept = self, []

    async def keep(self, number, shown, person, *where):
        self.kept.append((number, shown, person.email, *where))

    async def arrived(self, _email):
        return []


async def nothing():
    pass


class Chat:
    """The chat of one person with the bot."""

    def __init__(self, office, store):
        self.office = office
        self.line, self.copies, self.nudged = Line(), Copies(), []
        self.conversations = Contested(ConversationStore(store))
        talk = Talk(office.clock, load_stack, dump_stack)
        outbox = Outbox(self.line)
        turns = Turns(TeamsAdapter(), outbox, self.conversations, office.desk, talk, self.copies, self.nudged.append)
        floods = Floods(office.clock, HOME)
        strangers = Strangers(
            turns,
            office.people,
            office.access,
            Roster(Connector(tokens=None, service_hosts=frozenset(), local=True)),
            HOME,
        )
        nudge, news = office.nudged.append, AgendaNews(office.agendas, office.requests, office.viewing)
        self.bot = TeamsBot(turns, office.people, office.desk, self.copies, news, strangers, floods, nudge, nothing)
        self._ids = itertools.count(1)

    async def deliver(self, text="", activity_id=None, *, by=DANA, **fields):
        """Deliver a message; return what the chat newly shows, as one text."""
        person = await self.office.person(by)
        activity = payload("message") | {
            "id": f"given-{next(self._ids)}" if activity_id is None else activity_id,
            "serviceUrl": "http://127.0.0.1/",
            "conversation": {"conversationType": "personal", "id": CHAT},
            "from": {"id": "29:1", "aadObjectId": person.object_id},
            "text": text,
            **fields,
        }
        before = len(self.line.shown)
        assert await self.bot.receive(activity, person.tenant_id) == (200, None)
        return "\n".join(m.words for m in self.line.shown[before:])

    async def press(self, verb, *, known_place=True, **inputs):
        """Press a button of the newest card that has it."""
        card = next(m for m in reversed(self.line.shown) if verb in m.verbs)
        place = {"replyToId": card.id} if known_place else {}
        return await self.deliver(value=card.button(verb).sends(inputs), **place)

    async def remembered(self):
        return await self.conversations.load(CHAT)


@pytest.fixture
async def chat(tmp_path):
    store = SqliteStore(tmp_path / "sme.db")
    await store.open()
    yield Chat(await opened_office(store), store)
    await store.close()


async def test_a_turn_that_raced_runs_again_and_its_answer_is_sent_once(chat):
    chat.conversations.rivals = 3
    await chat.deliver("new request", "given")
    (page,) = chat.line.shown
    assert "next" in page.verbs
    kept = await chat.remembered()
    assert kept.form["token"] == page.button("next").data["form"]
    assert kept.seen == ["of the rival 2", "of the rival 1", "of the rival 0", "given"]


async def test_a_conversation_that_keeps_changing_is_apologised_for(chat, caplog):
    chat.conversations.rivals = 1_000
    said = await chat.deliver("new request")
    (failure,) = [record for record in caplog.records if record.exc_info]
    assert f"reference {failure.reference}" in said
    assert "the conversation keeps changing" in str(failure.exc_info[1])
    assert (await chat.remembered()).form == {}


async def test_an_open_card_that_did_not_arrive_is_posted_when_the_message_comes_again(chat):
    chat.line.rejections = 1
    assert not await chat.deliver("new request", "given")
    token = (await chat.remembered()).form["token"]
    await chat.deliver("new request", "given")
    await chat.deliver("new request", "given")
    (page,) = chat.line.shown
    assert page.button("next").data["form"] == token


async def test_help_that_did_not_arrive_is_answered_when_the_message_comes_again(chat):
    chat.line.rejections = 1
    assert not await chat.deliver("help", "given")
    assert "new request" in await chat.deliver("help", "given")
    assert not await chat.deliver("help", "given")


async def test_a_withdrawal_whose_answer_did_not_arrive_is_not_made_twice(chat):
    number = await chat.office.submitted()
    chat.line.rejections = 1
    await chat.deliver(f"withdraw {number}", "given")
    assert not await chat.deliver(f"withdraw {number}", "given")
    request = await chat.office.request(number)
    assert (request.status, request.revision) == ("withdrawn", 2)


async def test_a_message_that_was_answered_and_comes_again_changes_nothing(chat):
    assert await chat.deliver("new request", "given")
    before = await chat.remembered()
    assert not await chat.deliver("new request", "given")
    assert await chat.remembered() == before


@pytest.mark.parametrize("given", [NOBODY, None])
async def test_messages_without_an_id_are_always_answered(chat, given):
    nameless = {"id": given}
    for rejected in (0, 1, 0):
        chat.line.rejections = rejected
        assert bool(await chat.deliver("help", **nameless)) is not bool(rejected)
    assert (await chat.remembered()).seen == []


async def test_only_the_newest_places_of_cards_are_remembered(chat):
    full = await chat.remembered()
    full.posted = {f"card {number}": f"posted-{number}" for number in range(20)}
    await chat.conversations.save(full)
    await chat.deliver("help")
    assert list((await chat.remembered()).posted) == [f"card {number}" for number in range(4, 20)]


async def test_a_card_posted_in_one_turn_is_found_in_the_next(chat):
    await chat.deliver("new request")
    await chat.deliver("cancel")
    page, sentence = chat.line.shown
    assert not page.verbs
    assert "cancelled" in sentence.words


async def test_a_status_card_that_arrived_is_remembered_as_a_copy(chat):
    number = await chat.office.submitted()
    await chat.deliver(f"status {number}")
    (shown,) = chat.line.shown
    assert chat.copies.kept == [(number, 1, DANA, "http://127.0.0.1/", CHAT, shown.id)]
    assert chat.nudged == [number]
    assert (await chat.remembered()).posted == {}


async def test_a_status_card_that_did_not_arrive_is_no_copy(chat):
    number = await chat.office.submitted()
    chat.line.rejections = 1
    await chat.deliver(f"status {number}")
    assert chat.copies.kept == []


class InstantAdapter:
    """Runs turns in which nothing is said; keeps the ids of their activities."""

    def __init__(self):
        self.ran = []

    async def run(self, activity, _logic):
        self.ran.append(activity.id)
        return TurnResult([], None)


class Forgetful:
    """A store of conversations in which each one is new; so many saves come too late."""

    def __init__(self, late=0):
        self.late = late

    async def load(self, conversation_id):
        return Conversation(conversation_id)

    async def save(self, conversation):
        if self.late:
            self.late -= 1
            raise Raced(conversation.id)


@pytest.fixture
def turns_over(chat):
    talk = Talk(chat.office.clock, load_stack, dump_stack)
    return lambda adapter, store: Turns(
        adapter, Outbox(chat.line), store, chat.office.desk, talk, chat.copies, chat.nudged.append
    )


async def test_a_turn_is_run_until_it_is_saved_and_not_once_more(chat, turns_over):
    adapter = InstantAdapter()
    given = decode(payload("message") | {"id": "given"})
    await turns_over(adapter, Forgetful(late=2)).talk(given, await chat.office.person(DANA))
    assert adapter.ran == ["given"] * 3


async def test_what_was_answered_is_forgotten_in_the_end_so_that_memory_does_not_grow(chat, turns_over):
    adapter = InstantAdapter()
    turns = turns_over(adapter, Forgetful())
    dana = await chat.office.person(DANA)
    given = [decode(payload("message") | {"id": f"given-{number}"}) for number in range(4_097)]
    for activity in (*given, given[1], given[0]):
        await turns.talk(activity, dana)
    assert adapter.ran == [activity.id for activity in (*given, given[0])]


UNFIT_STACKS = {
    "no dialog": [{"id": "new_request"}],
    "unknown dialog": [{"id": "survey", "state": {}}],
    "form and another": [{"id": "new_request", "state": {}}] * 2,
    "no steps": [{"id": "new_request", "state": {"dialogs": {"$dialogs": []}}}],
}


def form_at(card, steps):
    inner = {"$dialogs": [{"id": "steps", "state": steps}, {"id": "card", "state": card}]}
    inner["$dialogs"].reverse()
    return [{"id": "new_request", "state": {"dialogs": inner}}]


WHOLE_STEPS = {"stepIndex": 0, "options": {"asked": []}, "values": {}, "instanceId": "x"}
UNFIT_STACKS |= {
    "no card": form_at({}, WHOLE_STEPS),
    "unknown stop": form_at({"stop": "shoe size", "card": "x"}, WHOLE_STEPS),
    "no values": form_at({"stop": "customer", "card": "x"}, {"stepIndex": 0, "options": {"asked": []}}),
}


@pytest.mark.parametrize("stack", UNFIT_STACKS.values(), ids=UNFIT_STACKS)
async def test_a_form_of_another_version_is_closed_and_its_answers_are_kept(chat, stack):
    await chat.deliver("new request")
    await chat.press("next", **TENANT_PAGE)
    kept = await chat.remembered()
    kept.stack = stack
    await chat.conversations.save(kept)
    assert await chat.deliver("blue") == DRAFT_WAITS
    kept = await chat.remembered()
    assert (kept.stack, kept.answers) == ([], TENANT_PAGE)


async def test_an_open_form_without_its_token_is_closed(chat):
    await chat.deliver("new request")
    kept = await chat.remembered()
    kept.form = {}
    await chat.conversations.save(kept)
    assert await chat.deliver("blue") == NOT_UNDERSTOOD


async def test_words_in_the_middle_of_a_form_lead_back_to_it(chat):
    await chat.deliver("new request")
    assert "Please answer on the card above" in await chat.deliver("blue")
    assert "next" in chat.line.shown[0].verbs


async def test_a_command_that_is_refused_in_the_middle_of_a_form_leaves_it_open(chat):
    await chat.deliver("new request")
    assert "Please add the number" in await chat.deliver("status")
    await chat.press("next", **TENANT_PAGE)
    assert (await chat.remembered()).answers == TENANT_PAGE


async def test_a_word_that_comes_near_a_command_is_answered_with_the_command(chat):
    assert "Did you mean: my requests" in await chat.deliver("my requestz")


async def test_a_document_pasted_and_a_message_without_words_are_not_understood(chat):
    assert await chat.deliver("blue " * 10_000) == NOT_UNDERSTOOD
    assert await chat.deliver(None) == NOT_UNDERSTOOD


async def test_a_draft_can_be_gone_on_with_or_put_away(chat):
    await chat.deliver("new request")
    await chat.press("next", **TENANT_PAGE)
    await chat.deliver("new request")
    await chat.press("resume")
    assert (await chat.remembered()).answers == TENANT_PAGE
    await chat.deliver("new request")
    await chat.press("afresh")
    assert (await chat.remembered()).answers == {}


async def test_a_press_on_a_page_of_a_closed_form_says_that_the_answers_are_kept(chat):
    await chat.deliver("new request")
    await chat.press("next", **TENANT_PAGE)
    page = chat.line.shown[-1].button("next").data
    await chat.deliver("cancel")
    assert "your answers are kept" in await chat.deliver(value=page)


async def test_a_button_of_no_known_card_is_not_understood(chat):
    assert await chat.deliver(value={"verb": "dance"}) == NOT_UNDERSTOOD


@pytest.mark.parametrize("verb", ["status", "again", "fix"])
async def test_a_button_about_an_earlier_request_is_answered(chat, verb):
    number = await chat.office.submitted()
    if verb == "fix":
        await chat.office.press(LEE, "return", number, return_fields="seat_count", return_note="How many?")
    said = await chat.deliver(value={"verb": verb, "request": number})
    assert number in said if verb == "status" else "next" in chat.line.shown[-1].verbs


async def test_where_cards_were_posted_is_forgotten_in_the_end_so_that_memory_does_not_grow(chat, turns_over):
    turns = turns_over(InstantAdapter(), Forgetful())
    for number in range(4_097):
        turns._remember_posted(f"a:{number}", "card", "1")
    assert len(turns._posted) == 4_096
    assert "a:0" not in turns._posted

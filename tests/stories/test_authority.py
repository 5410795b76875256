"""Who may do what, through the door: two partners side by side, every role tries everything, and cards are forged."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lifecycle import Action, Relation
from bot.domain.proposing import NO_PARTNER
from tests.domain import authority
from tests.domain.authority import REFUSALS, TABLE, Situation, cells_of
from tests.stories.journey import CUSTOMER_TENANT, fill_in, number_in, review, status_of, submitted
from tests.stories.test_promises import MONDAY, go_to
from tests.stories.unchanged import refused, stored

PEOPLE = {
    "requester": "Dana Reyes",
    "colleague": "Piotr Zieliński",
    "other_partner": "Joshua Whitfield",
    "fpm": "Lee Park",
    "backup": "Mika Tanaka",
    "other_fpm": "Renee Carter",
    "assigner": "Ana Souza",
    "sme": "Kofi Mensah",
    "other_sme": "Laura Bianchi",
    "programme": "Samira Haddad",
}
# In which stages each action is tried: in which somebody may do it.
TRIED_IN = {
    "withdraw": ("submitted",),
    "approve": ("submitted",),
    "return": ("approved",),
    "deny": ("submitted",),
    "delegate": ("submitted",),
    "assign": ("approved",),
    "accept": ("offered",),
    "decline": ("offered", "proposed"),
    "release": ("active",),
    "close": ("active", "proposed"),
    "reopen": ("denied",),
    "issue": ("offered",),
    "answer": ("with an issue",),
    "contacted": ("active",),
    "kickoff": ("active",),
    "agree": ("with a kick-off", "proposed"),
    "note": ("active",),
    "complete": ("active",),
    "rate": ("completed",),
}
SITUATIONS = {
    "with an issue": Situation("submitted", has_issue=True),
    "with a kick-off": Situation("active", agreed=(Relation.SME,)),
    "completed": Situation("completed", has_result=True),
    "proposed": Situation("proposed", is_proposal=True),
}
IN_A_MONTH = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
INPUTS = {
    "deny_reason": "out_of_scope",
    "return_note": "Which company is it?",
    "delegate_to": "arjun.nair@fasttrack.example",
    "sme": "grace.obrien@fasttrack.example",
    "decline_reason": "On leave.",
    "release_reason": "Ill.",
    "close_reason": "The customer stopped.",
    "reopen_reason": "New facts.",
    "issue_text": "No answer for days.",
    "answer_text": "I called them.",
    "mode": "with_partner",
    "expectations": "The partner leads.",
    "outcomes": "The team leads the next rollout.",
    "exit_criteria": "500 users call out",
    "start": IN_A_MONTH,
    "end": IN_A_MONTH,
    "note_status": "on_track",
    "note_summary": "Numbers are ported.",
    "met": "1",
    "summary": "Calling runs.",
    "waive_reason": "Nobody wrote a kick-off.",
    "rating": "5",
}
WAY_TO = {
    "submitted": [],
    "approved": [("fpm", "approve")],
    "denied": [("fpm", "deny")],
    "returned": [("fpm", "return")],
    "offered": [("fpm", "approve"), ("assigner", "assign")],
    "active": [("fpm", "approve"), ("assigner", "assign"), ("sme", "accept")],
}
WAY_TO["with an issue"] = [("requester", "issue")]
WAY_TO["with a kick-off"] = [*WAY_TO["active"], ("sme", "kickoff")]
WAY_TO["completed"] = [*WAY_TO["active"], ("sme", "complete")]
OWN_CUSTOMER = {"tenant_name": "Woodgrove Bank", "justification": "Our own people are new to calling plans."}


@pytest.fixture(scope="module")
def tried(pytestconfig):
    """Count what was tried, and say it to the reader of the run."""
    counted = Counter()
    yield counted
    with pytestconfig.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        # The number of cells tells a reader of the run that all of them were tried.
        print(f"\n{counted.total()} cells of person x action through the door: {dict(counted)}")  # noqa: T201 - the same


@pytest.fixture
async def cast(bot):
    """Give everybody by what they are to Dana's requests, while Joshua of another partner has asked for the same."""
    cast = dict(zip(PEOPLE, await bot.people(*PEOPLE.values()), strict=True))
    await submitted(cast["other_partner"], **OWN_CUSTOMER)
    return cast


async def brought_to(bot, cast, stage):
    """Bring a new request of Dana's to a stage; the SME asked is Kofi."""
    await bot.advance(60)
    if stage == "proposed":
        before = bot.request_rows()
        await proposed(cast["fpm"], cast["requester"], cast["sme"], len(before))
        [number] = bot.request_rows().keys() - before.keys()
        return number
    number = await submitted(cast["requester"])
    for who, verb in WAY_TO[stage]:
        await pressed(bot, cast[who], verb, number, sme=cast["sme"].email)
    return number


async def proposed(by, contact, sme, n):
    """Send a proposal to the partner of Dana by a form that was never shown; `n` makes it another one."""
    what = {"partner": "CONTOSO", "workload": "TEAMS", "topic": "coaching", **INPUTS}
    data = {"verb": "propose", "engagement": f"{n:032x}", **what, "contact": contact.email, "sme": sme.email}
    return await by.forge_invoke({"action": {"type": "Action.Execute", "verb": "propose", "data": data}})


async def pressed(bot, person, verb, number, /, **inputs):
    return await person.forge_press(verb, number, bot.request_rows()[number]["revision"], **{**INPUTS, **inputs})


def situation_of(stage):
    return SITUATIONS.get(stage) or Situation(stage)


def owed(who, stage, action=""):
    """Return the words that are owed to somebody who may not do what was tried."""
    situation = situation_of(stage)
    if who not in TABLE["sees"] or (who == "sme" and not situation.has_sme):
        return REFUSALS["unknown"]
    is_its_own = any(who in cell["by"] for cell in cells_of(action, situation))
    return REFUSALS["overtaken" if is_its_own else "not_yours"]


def may(who, action, stage):
    situation = situation_of(stage)
    return any(who in authority.may(cell, situation) for cell in cells_of(action, situation))


@pytest.mark.parametrize(("action", "stage"), [(action, stage) for action in TRIED_IN for stage in TRIED_IN[action]])
async def test_each_role_may_press_what_the_process_lets_it_and_nothing_else(bot, cast, tried, action, stage):
    number = await brought_to(bot, cast, stage)
    for who, person in cast.items():
        tried["allowed" if may(who, action, stage) else "refused"] += 1
        if not may(who, action, stage):
            said = await refused(bot, pressed(bot, person, action, number))
            wanted = owed(who, stage, action)
            assert wanted in said if wanted == REFUSALS["overtaken"] else said == wanted, who
    for who in filter(lambda each: may(each, action, stage), cast):
        one = await brought_to(bot, cast, stage)
        before = bot.request_rows()[one]["revision"]
        await pressed(bot, cast[who], action, one)
        assert bot.request_rows()[one]["revision"] == before + 1, who
        assert bot.rows()[f"CONTOSO event:{one}:{before + 1:06d}"]["by"] == cast[who].email


async def test_only_who_looks_after_the_partner_and_assigners_propose_help_to_it(bot, cast, tried):
    contact, sme = cast["requester"], cast["other_sme"]
    for n, (who, person) in enumerate(cast.items()):
        proposes = who in TABLE["propose"]
        tried["allowed" if proposes else "refused"] += 1
        before = bot.request_rows()
        if proposes:
            await proposed(person, contact, sme, n)
            [number] = bot.request_rows().keys() - before.keys()
            assert bot.request_rows()[number]["proposed_by"] == person.email
        else:
            said = await refused(bot, proposed(person, contact, sme, n))
            assert said == (NO_PARTNER if who in {"other_fpm", "backup"} else REFUSALS["not_yours"]), who


async def test_only_contacts_of_the_partner_send_a_returned_request_again(bot, cast, tried):
    number = await brought_to(bot, cast, "returned")
    for who, person in cast.items():
        tried["allowed" if who in {"requester", "colleague"} else "refused"] += 1
        assert await refused(bot, person.forge_press("resubmit", number, 3)) == REFUSALS["no_button"]
        if who not in {"requester", "colleague"}:
            await refused(bot, person.forge({"verb": "fix", "request": number}))
            assert not any("submit" in message.verbs or "next" in message.verbs for message in person.chat), who
    for who in ("requester", "colleague"):
        one = await brought_to(bot, cast, "returned")
        await cast[who].forge({"verb": "fix", "request": one})
        await cast[who].press("submit", on=await fill_in(cast[who]))
        assert bot.request_rows()[one]["status"] == "submitted"


async def test_only_requesters_begin_a_request_and_only_for_their_own_partner(bot, cast, tried):
    for who, person in cast.items():
        asks = who in {"requester", "colleague", "other_partner"}
        tried["allowed" if asks else "refused"] += 1
        if not asks:
            assert "registered contacts" in await refused(bot, person.say("new request"))
    before = bot.request_rows()
    dana, joshua = cast["requester"], cast["other_partner"]
    page = await review(joshua)
    forged = {**page.button("submit").data, "partner_name": "CONTOSO", "partner": "CONTOSO", "by": dana.email}
    await joshua.forge(forged)
    [number] = bot.request_rows().keys() - before.keys()
    row = bot.request_rows()[number]
    assert (row["partner"], row["requester"]) == ("FABRIKAM", joshua.email)


async def test_nothing_that_a_card_claims_makes_its_sender_somebody_else(bot, cast):
    number = await brought_to(bot, cast, "submitted")
    joshua, lee = cast["other_partner"], cast["fpm"]
    own = next(n for n, row in bot.request_rows().items() if row["partner"] == "FABRIKAM")
    claims = {
        "role": "fpm", "roles": ["fpm"], "relations": ["fpm"], "by": lee.email, "email": lee.email, "fpm": lee.email,
        "partner": "CONTOSO", "partner_name": "CONTOSO", "tenant_id": lee.tenant_id, "object_id": lee.object_id,
        "aadObjectId": lee.object_id, "from": lee.member, "person": lee.member, "reader": lee.email,
        "channelData": {"tenant": {"id": lee.tenant_id}}, "engagement": f"{own}.1",
        "status": "returned", "topic": "decision",
    }  # fmt: skip
    for who, person in cast.items():
        if who == "fpm":
            continue
        said = await refused(bot, pressed(bot, person, "approve", number, **claims))
        assert said == owed(who, "submitted"), who
    for verb in ("withdraw", "issue", "refresh"):
        assert await refused(bot, pressed(bot, joshua, verb, number, **claims)) == REFUSALS["unknown"]
    receipt = await joshua.card_with("withdraw", showing=own)
    stolen = joshua.press_of(receipt, "withdraw")
    stolen["value"]["action"]["data"]["request"] = number
    assert REFUSALS["unknown"] in json.dumps(await joshua.deliver(stolen))
    assert bot.request_rows()[number]["status"] == "submitted"


async def test_a_card_of_an_earlier_revision_decides_nothing_in_whatever_hands(bot, cast):
    number = await brought_to(bot, cast, "approved")
    for who, action in [("fpm", "deny"), ("assigner", "assign"), ("requester", "withdraw")]:
        said = await refused(bot, cast[who].forge_press(action, number, 1, **INPUTS, role="fpm"))
        assert REFUSALS["overtaken"] in said


async def raw(bot, person, activity):
    """Return everything that answers an activity, byte by byte: the body, and what the bot posted or changed."""
    calls = len(bot.teams.calls)
    _, body = await bot.teams.deliver(activity)
    await bot.advance(0)
    sent = [(c.method, c.body) for c in bot.teams.calls[calls:] if c.conversation == person.conversation]
    for _, message in sent:
        message.pop("replyToId", None)
    return json.dumps([body, sent], sort_keys=True)


VERBS = ("status", "again", "fix", "resume", "afresh", "refresh", "explode", *(action.value for action in Action))


async def test_the_number_of_another_partner_is_answered_like_one_that_does_not_exist_but_for_the_number(bot, cast):
    await go_to(bot, MONDAY, 10)
    foreign = await brought_to(bot, cast, "offered")
    unknown = "CONTOSO-000000"
    joshua = cast["other_partner"]
    await bot.advance(0)
    before = stored(bot)

    async def same(activity_about):
        await bot.advance(10)
        answers = [(await raw(bot, joshua, activity_about(n))).replace(n, "NUMBER") for n in (foreign, unknown)]
        assert answers[0] == answers[1]
        assert "Adventure Works" not in answers[0]

    for typed in ("status {}", "withdraw {}", "{}", "show {}", "take back {}", "STATUS {}!"):
        await same(lambda n, typed=typed: joshua.activity(text=typed.format(n)))
    for verb in VERBS:
        data = {"verb": verb, "revision": 4, **INPUTS}
        await same(lambda n, data=data: joshua.activity(value={**data, "request": n}))
        await same(lambda n, data=data: joshua.activity(value={**data, "engagement": f"{n}.1"}))
        action = {"type": "Action.Execute", "verb": verb}
        await same(
            lambda n, data=data, action=action: joshua.activity(
                type="invoke", name="adaptiveCard/action", value={"action": {**action, "data": {**data, "request": n}}}
            )
        )
    assert stored(bot) == before


async def test_a_draft_card_forged_with_another_partners_number_opens_nothing_of_it(bot, cast):
    number = await brought_to(bot, cast, "returned")
    joshua = cast["other_partner"]
    form = (await review(joshua, **OWN_CUSTOMER)).button("submit").data["form"]
    for key in ("again", "fix"):
        answers = []
        for asked in (number, "CONTOSO-000000"):
            value = {"verb": "afresh", "form": form, "card": "x", key: asked}
            answers.append((await raw(bot, joshua, joshua.activity(value=value))).replace(asked, "NUMBER"))
        assert answers[0] == answers[1]
        assert REFUSALS["unknown"] in answers[0]


async def test_the_form_of_another_partner_is_to_its_finder_a_form_that_never_was(bot, cast):
    dana, joshua = cast["requester"], cast["other_partner"]
    await bot.advance(60)
    page = await review(dana)
    data = page.button("submit").data
    await dana.press("submit", on=page)
    answers = {
        await raw(bot, joshua, joshua.activity(value={**data, "form": token})) for token in (data["form"], "0" * 32)
    }
    assert len(answers) == 1


async def test_whatever_one_partner_types_and_fills_in_shows_nothing_of_another(bot, cast):
    dana, joshua = cast["requester"], cast["other_partner"]
    secrets = {"tenant_name": "Adventure Works", "justification": "Calls from Seville drop after nine seconds."}
    secrets["contact_email"] = "helpdesk@contoso-consulting.example"
    numbers = [await brought_to(bot, cast, state) for state in ("submitted", "approved", "active")]
    await bot.advance(60)
    numbers.append(await submitted(dana, **secrets))
    heard = []
    for words in ("my requests", "inbox", "engagements", "help", "hello", "list", "portfolio", "insights"):
        heard.append(await joshua.say(words))
        heard.append(await joshua.say(f"{words} CONTOSO"))
    await bot.advance(60)
    for number in numbers:
        heard += [await joshua.say(f"status {number}"), await joshua.say(f"withdraw {number}")]
    await bot.advance(60)
    page = await review(joshua, tenant_id=CUSTOMER_TENANT, **OWN_CUSTOMER)
    assert "Duplicate" in page.words, "the partner's own earlier request is one"
    own = number_in(await joshua.press("submit", on=page))
    await bot.advance(60)
    heard += [await joshua.say(f"status {own}"), await joshua.say("my requests"), await joshua.say(f"withdraw {own}")]
    assert await status_of(joshua, own) == "Withdrawn"

    shown = [[m.text, m.summary, m.card, m.cards_before] for m in joshua.chat]
    everything = json.dumps([heard, shown], ensure_ascii=False)
    marks = {*numbers, *secrets.values(), "Contoso Consulting", "contoso-consulting", "Calling plans"}
    marks |= {"CONTOSO", cast["requester"].name, cast["colleague"].name, cast["sme"].name, cast["assigner"].name}
    without_the_example = everything.replace("CONTOSO-7K3QXD", "")
    assert [mark for mark in marks if mark in without_the_example] == []
    assert own in everything

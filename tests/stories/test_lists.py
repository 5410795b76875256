"""Lists that people leaf through, narrow down and decide from, in the chat."""

import pytest

from bot.domain.leafing import ROWS
from tests.stories.journey import statuses, submitted
from tests.stories.living_cards import check_every_card

TICKED = "selected"
DENY = "selected_to_deny"


@pytest.fixture
async def everybody(bot):
    return await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Joshua Whitfield", "Renee Carter", "Samira Haddad")


async def asked_for(bot, person, **answers):
    """Ask for an SME in a minute of its own, as somebody who sends too much at once is asked to slow down."""
    number = await submitted(person, **answers)
    await bot.advance(60)
    return number


def opened(card):
    return [button.data["request"] for button in card.buttons if button.title == "Open"]


def ticks(card, key=TICKED):
    return [choice["value"] for choice in card.inputs[key]["choices"]]


async def test_twenty_five_requests_are_leafed_through_in_place(bot, everybody):
    dana, lee, *_ = everybody
    numbers = [await asked_for(bot, dana, tenant_name=f"Customer {n}") for n in range(25)]
    for person, words, order in ((dana, "my requests", numbers[::-1]), (lee, "inbox", numbers)):
        await person.say(words)
        card, found = person.newest_card, []
        while True:
            found += opened(card)
            assert len(opened(card)) <= ROWS
            if card.button("Next page") is None:
                break
            await person.press("Next page", on=card)
        assert found == order
        await person.press("First page", on=card)
        assert opened(card) == order[:ROWS]
        before = len(person.chat)
        await person.press("Open", on=card, data={"request": order[0]})
        assert order[0] in person.chat[-1].words
        assert len(person.chat) == before + 1


async def test_each_filter_leaves_what_fits_and_clear_brings_everything_back(bot, everybody):
    dana, lee, *_ = everybody
    plain = await asked_for(bot, dana)
    yammer = await asked_for(bot, dana, workload="YAMMER", tenant_name="Wide World")
    apj = await asked_for(bot, dana, region="APJ")
    await lee.press("deny", showing=apj, deny_reason="out_of_scope")
    await bot.advance(0)
    for filters, wanted in (
        ({"workload": "YAMMER"}, {yammer}),
        ({"region": "APJ"}, {apj}),
        ({"status": "denied"}, {apj}),
        ({"status": "submitted", "region": "EMEA"}, {plain, yammer}),
        ({"text": "wide w"}, {yammer}),
        ({"text": plain[:11].lower()}, {plain}),
        ({"text": "nobody at all"}, set()),
    ):
        await dana.say("my requests")
        card = dana.newest_card
        await dana.press("Show", on=card, **filters)
        assert set(opened(card)) == wanted, filters
        assert "Only: " in card.words
        assert bool(wanted) == ("Nothing fits." not in card.words)
        await dana.press("Clear", on=card)
        await bot.advance(60)
        assert set(opened(card)) == {plain, yammer, apj}
    await check_every_card(bot)


async def test_words_behind_a_command_narrow_it_down(bot, everybody):
    dana, lee, ana, joshua, _, samira = everybody
    plain = await asked_for(bot, dana)
    yammer = await asked_for(bot, dana, workload="YAMMER", tenant_name="Wide World")
    for person, typed, wanted in (
        (dana, "my requests YAMMER", [yammer]),
        (dana, "my requests emea wide world", [yammer]),
        (lee, "inbox teams", [plain]),
        (lee, "my requests contoso", [yammer, plain]),
        (lee, "inbox denied", []),
        (samira, "my requests CONTOSO adv", [plain]),
        (ana, "my requests CONTOSO", [yammer, plain]),
        (joshua, "my requests CONTOSO", []),
        (samira, "my requests FABRIKAM", []),
    ):
        await person.say(typed)
        assert opened(person.newest_card) == wanted, typed
    assert "add the code of a partner" in await samira.say("my requests")


async def test_forged_filters_and_places_are_the_first_page(bot, everybody):
    dana, *_, joshua, _, _ = everybody
    number = await asked_for(bot, dana)
    for forged in (
        {"after": "x"}, {"after": "9999-99-99T00:00:00.000000Z CONTOSO-7K3QXD"}, {"status": "x" * 9_999},
        {"partner": "' or 1 eq 1"}, {"workload": ["TEAMS"]}, {"region": {"x": 1}}, {"text": 7},
    ):  # fmt: skip
        action = {"type": "Action.Execute", "verb": "list", "data": {"verb": "list", "list": "requests", **forged}}
        assert number in await dana.forge_invoke({"action": action})
        assert number not in await joshua.forge_invoke({"action": action})
    assert "no such list" in await dana.forge({"verb": "list", "list": "moon"})
    assert "no such list" in await dana.forge({"verb": "list"})


async def test_several_are_approved_with_one_overtaken_and_one_not_theirs(bot, everybody):
    dana, lee, _, joshua, *_ = everybody
    numbers = [await asked_for(bot, dana, tenant_name=f"Customer {n}") for n in range(4)]
    theirs = await asked_for(bot, joshua)
    await lee.say("inbox")
    card = lee.newest_card
    ticked = ticks(card)
    assert [each.partition("@")[0] for each in ticked] == numbers
    await lee.press("return", data={"request": numbers[1]}, return_note="Please check.")
    await lee.press("Approve the ticked", on=card, selected=ticked[:3])
    assert statuses(bot) == {
        **dict.fromkeys((numbers[0], numbers[2]), "approved"),
        numbers[1]: "returned",
        numbers[3]: "submitted",
        theirs: "submitted",
    }
    assert f"{numbers[0]}: Approved by Lee Park" in card.words
    assert f"{numbers[1]}: This had changed before your press. Returned by Lee Park" in card.words
    assert numbers[1] not in opened(card)
    data = {"verb": "several", "do": "approve", "list": "inbox", TICKED: f"{theirs}@1,{numbers[3]}@1"}
    answer = await lee.forge_invoke({"action": {"type": "Action.Execute", "verb": "several", "data": data}})
    assert f"{theirs}: I know no such request of yours." in answer
    assert (statuses(bot)[numbers[3]], statuses(bot)[theirs]) == ("approved", "submitted")
    await dana.sees("Approved by Lee Park", numbers[0])
    await check_every_card(bot)


async def test_several_are_denied_for_one_reason_and_a_press_delivered_twice_is_one(bot, everybody):
    dana, lee, *_ = everybody
    numbers = [await asked_for(bot, dana, tenant_name=f"Customer {n}") for n in range(3)]
    await lee.say("inbox")
    card = lee.newest_card
    activity = lee.press_of(
        card, "Deny the ticked", selected_to_deny=ticks(card, DENY)[:2], deny_reason="other", deny_note="A pause."
    )
    for _ in range(2):
        answer = await lee.deliver(activity)
        assert answer["type"] == "application/vnd.microsoft.card.adaptive"
    await lee.deliver({**activity, "id": "another"})
    assert list(statuses(bot).values()).count("denied") == 2
    lines = [name for name in bot.rows() if " event:" in name]
    assert len(lines) == 5
    await bot.advance(0)
    await lee.say("inbox")
    assert opened(lee.newest_card) == [numbers[2]]
    assert lee.newest_card.button("Deny the ticked") is None
    assert "A pause." in await dana.say(f"status {numbers[0]}")
    await check_every_card(bot)


@pytest.mark.parametrize(
    ("forged", "words"),
    [
        ({}, "Please tick at least one"),
        ({TICKED: ",".join(["CONTOSO-7K3QXD@1"] * 10_000)}, "at most"),
        ({TICKED: "CONTOSO-7K3QXD@x"}, "no such request"),
        ({TICKED: ["CONTOSO-7K3QXD@1"]}, "Please tick at least one"),
        ({"do": "withdraw", TICKED: "CONTOSO-7K3QXD@1"}, "not known here"),
        ({"do": ["approve"]}, "not known here"),
        ({"list": "moon"}, "not known here"),
        ({TICKED: "CONTOSO-7K3QXD@1"}, "CONTOSO-7K3QXD: I know no such request"),
    ],
)
async def test_forged_decisions_on_several_are_answered_with_a_sentence(bot, everybody, forged, words):
    lee = everybody[1]
    data = {"verb": "several", "do": "approve", "list": "inbox", **forged}
    assert words in await lee.forge_invoke({"action": {"type": "Action.Execute", "verb": "several", "data": data}})
    assert words in await lee.forge(data)

"""Portfolio, review and insights: what was pressed in a few days, seen as numbers that were counted by hand."""

import re

from bot.domain.insights import NOT_FOR_YOU, NOT_YOUR_PARTNER
from tests.stories.journey import CUSTOMER_TENANT, accepted, review, submitted
from tests.stories.living_cards import check_every_card
from tests.stories.shown_card import elements, words_of
from tests.stories.test_promises import DAY, HOUR, MONDAY, go_to

OF_FABRIKAM = {"region": "AMER", "workload": "INTUNE"}


def customer(n):
    return {"tenant_id": f"{CUSTOMER_TENANT[:-2]}{n:02}", "tenant_name": f"Customer {n}"}


def measured(message):
    """Return each number of a page by its label, with what stands beside it."""
    found = {}
    for element in elements(message.card):
        if element["type"] == "ColumnSet":
            first, second = element["columns"]
            if second["items"][0]["type"] == "TextBlock" and len(second["items"]) == 2:
                found[second["items"][0]["text"]] = words_of({"body": first["items"]}).replace("\n", ", ")
    return found


def charted(message, title):
    """Return the lines that stand in the place of a chart."""
    [chart] = [e for e in elements(message.card) if e["type"].startswith("Chart.") and e["title"] == title]
    return [re.sub("^\u2587* ", "", words_of({"body": [line]})) for line in chart["fallback"]["items"]]


async def page(person, wanted, title):
    """Leaf to a page of the insights; return it."""
    await person.press(wanted, on=await person.sees("Insights: "))
    return await person.sees(f"Insights: {title}")


async def cast_of(bot):
    return await bot.people("Dana Reyes", "Joshua Whitfield", "Lee Park", "Renee Carter", "Ana Souza", "Kofi Mensah")


async def happened(bot):
    """Let four requests come to a denial, a rated close, a return and a late approval, and one form to nothing."""
    dana, joshua, lee, renee, ana, kofi = await cast_of(bot)
    await go_to(bot, MONDAY, 10)
    denied = await submitted(dana, **customer(1))
    await lee.press("deny", showing=denied, deny_reason="out_of_scope")
    helped = await accepted(dana, lee, ana, kofi, **customer(2))
    returned = await submitted(dana, **customer(3), topic="adoption")
    await lee.press("return", showing=returned, return_fields=["notes", "seat_count"], return_note="More, please.")
    late = await submitted(joshua, **customer(4), **OF_FABRIKAM)
    # Who sends more in a minute is asked to wait.
    await bot.advance(60)
    guidance = await review(dana, **customer(5), workload="AIP_P1")
    await dana.press("cancel", on=guidance)
    await bot.advance(2 * DAY)
    await renee.press("approve", showing=late)
    await kofi.press("contacted", showing=helped)
    await kofi.press("complete", showing=helped, summary="Calling runs.")
    await dana.press("rate", showing=helped, data={"rating": 4})
    await bot.advance(0)
    await lee.press("close", showing=helped)
    await bot.advance(0)
    return denied, helped, returned, late


async def test_everything_that_was_pressed_is_counted(bot):
    await happened(bot)
    (samira,) = await bot.people("Samira Haddad")
    assert "All partners" in await samira.say("insights")

    volumes = await samira.sees("Insights: Volumes")
    assert measured(volumes) == {
        "Requests": "4", "Open": "2", "Time to close": "2.0 days, from 1", "Proposed help": "0", "Deflected": "1",
        "Issues": "0", "Learners": "0",
    }  # fmt: skip
    assert charted(volumes, "Requests by region") == ["3 EMEA", "1 AMER"]
    assert charted(volumes, "Requests by month")[-1] == "4 Jan"
    assert charted(volumes, "Requests by month")[:-1] == [
        f"0 {month}" for month in ["Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    ]
    assert charted(volumes, "Topics, proposed help included") == [
        "3 Delivery coaching for a workload",
        "1 Business value and adoption conversations",
    ]

    assert measured(await page(samira, "Promises", "Promises")) == {
        "Receipt in time": "100 %, of 4", "First look in time": "75 %, of 4", "Decision in time": "100 %, of 2",
        "SME reply in time": "100 %, of 1", "First contact in time": "0 %, of 1",
    }  # fmt: skip
    decisions = await page(samira, "Decisions", "Decisions")
    assert measured(decisions) == {"Approved": "67 %, of 3", "Denied": "33 %, of 3", "Returned": "25 %, of 4"}
    assert charted(decisions, "Reasons of denials") == ["1 Out of scope"]
    assert len(charted(decisions, "What had to be fixed")) == 2
    assert charted(decisions, "Denied (%) by region") == ["50 % EMEA", "0 % AMER"]

    demand = await page(samira, "Demand", "Demand")
    assert measured(demand) == {"Repeats": "25 %, of 4", "Duplicates": "0 %, of 4", "Deflected": "1"}
    assert "English\n4 asked, 8 SMEs" in demand.words
    smes = await page(samira, "SMEs and ratings", "SMEs and ratings")
    assert measured(smes) == {
        "Rating": "4.0 of 5, from 1", "SME reply in time": "100 %, of 1", "First contact in time": "0 %, of 1",
        "Offers declined": "0",
    }  # fmt: skip
    assert charted(smes, "Ratings") == ["1 4 of 5"]
    await check_every_card(bot)


async def test_the_numbers_of_a_part_are_those_that_were_chosen(bot):
    await happened(bot)
    (samira,) = await bot.people("Samira Haddad")
    await samira.say("insights")
    await samira.press("Show", by="partner")
    by_partner = await samira.sees("Requests by partner")
    assert charted(by_partner, "Requests by partner") == ["3 Contoso Consulting", "1 Fabrikam Cloud Services"]
    await samira.press("Show", on=by_partner, partner="FABRIKAM", workload="INTUNE", by="workload")
    of_one = await samira.sees("Requests by workload")
    assert (measured(of_one)["Requests"], charted(of_one, "Requests by workload")) == ("1", ["1 Intune"])
    await samira.press("Promises", on=of_one)
    assert measured(await samira.sees("Insights: Promises"))["First look in time"] == "0 %, of 1"
    await samira.press("Show", region="APJ", partner="all", workload="all")
    assert "Receipt in time" in (await samira.sees("Insights: Promises", "Asia")).words
    assert measured(await samira.sees("Insights: Promises", "Asia"))["Receipt in time"] == "\u2013"


async def test_an_fpm_sees_only_the_own_slice_and_a_requester_nothing(bot):
    await happened(bot)
    dana, joshua, lee, renee, ana, kofi = await cast_of(bot)
    for fpm, requests in ((lee, "3"), (renee, "1")):
        assert "Your partners" in await fpm.say("insights")
        volumes = await fpm.sees("Insights: Volumes")
        assert measured(volumes)["Requests"] == requests
        assert "partner" not in volumes.button("Show").inputs
    for code in ("FABRIKAM", "NOBODY", "x" * 500, "\u202e"):
        for verb in ("insights", "portfolio", "reviewed"):
            assert NOT_YOUR_PARTNER in await lee.forge({"verb": verb, "partner": code})
    for person in (dana, joshua, ana, kofi):
        for words in ("insights", "portfolio", "portfolio CONTOSO"):
            assert NOT_FOR_YOU in await person.say(words)
        for verb in ("insights", "portfolio", "reviewed"):
            assert NOT_FOR_YOU in await person.forge({"verb": verb, "partner": "CONTOSO"})
    assert not reviews(bot)


def reviews(bot):
    return [name for name in bot.rows() if " review:" in name]


async def test_a_review_is_done_once_and_says_then_what_changes_after_it(bot):
    _, helped, returned, _ = await happened(bot)
    lee, piotr = await bot.people("Lee Park", "Piotr Zieliński")
    row = await lee.say("portfolio")
    assert "Contoso Consulting  CONTOSO" in row.replace("Consulting CONTOSO", "Consulting  CONTOSO")
    assert "1 open, none waits for you" in row
    assert "Requests 3 · Repeats 33 % · Denied 50 % · Rating 4.0 of 5 · Learners 0" in row
    assert "FABRIKAM" not in row

    first = await lee.press("Review")
    assert "Not reviewed yet" in first
    assert "New 3, approved 1, denied 1, help completed 1, closed 1." in first
    card = await lee.sees("Not reviewed yet")
    assert {helped, returned} <= {button.data.get("request") for button in card.buttons}
    assert measured(card)["First contact in time"] == "0 %, of 1, before: \u2013"

    pressed = lee.press_of(card, "Review done")
    kept = [await lee.teams.deliver(pressed) for _ in range(2)]
    assert [status for status, _ in kept] == [200, 200]
    assert len(reviews(bot)) == 1
    shown = await lee.say("portfolio CONTOSO")
    assert "Nothing has changed." in shown
    assert "by Lee Park" in shown

    await bot.advance(HOUR)
    new = await submitted(piotr, **customer(6), topic="unblocking")
    await lee.press("deny", showing=new, deny_reason="duplicate")
    await bot.advance(0)
    news = await lee.say("portfolio contoso")
    assert "New 1, denied 1." in news
    changed = news.partition("Since the last review")[2].partition(" open")[0]
    assert new in changed
    assert helped not in changed
    await check_every_card(bot)
    assert await lee.press("Open", showing="Since the last review", data={"request": new})
    assert len(reviews(bot)) == 1


async def test_the_programme_team_looks_at_a_review_but_does_not_make_one(bot):
    await happened(bot)
    (samira,) = await bot.people("Samira Haddad")
    assert "Fabrikam Cloud Services" in await samira.say("portfolio")
    shown = await samira.say("portfolio FABRIKAM")
    assert "1 open" in shown
    assert "Review done" not in shown
    assert "Only the partner's FPM reviews a partner." in await samira.forge({"verb": "reviewed", "partner": "CONTOSO"})
    assert not reviews(bot)


async def test_what_is_opened_from_a_review_leaves_it_where_it_is(bot):
    (lee,) = await bot.people("Lee Park")
    await lee.say("portfolio CONTOSO")
    review = await lee.sees("Not reviewed yet")
    await lee.press("Requests", on=review)
    await lee.press("Insights", on=review)
    await lee.sees("Insights: Volumes")
    assert "Not reviewed yet" in review.words
    assert len({review.id, *(message.id for message in lee.chat[-2:])}) == 3

"""What follows an assignment: matching, kick-off, notes, the end, the rating, and what is known the next time."""

from datetime import UTC, datetime, timedelta

from tests.stories.journey import accepted, approved, review, status_of
from tests.stories.living_cards import check_every_card

DAY = 24 * 3600


def in_days(days):
    return datetime.now(UTC).date() + timedelta(days=days)


KICKOFF = {
    "mode": "with_partner",
    "expectations": "The partner leads every call; the SME coaches.",
    "outcomes": "Calling plans run for the first 500 users.",
    "exit_criteria": "500 users call out\nThe partner has led one cutover\nThe runbook is handed over",
    "start": in_days(8).isoformat(),
    "end": in_days(25).isoformat(),
}
NOTE = {
    "note_status": "pending_customer",
    "note_summary": "Numbers are ported next week.",
    "note_next": "Check the port order",
    "note_next_date": in_days(12).isoformat(),
    "note_concerns": "The carrier is slow.",
}


async def cast_of(bot):
    return await bot.people("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")


async def test_from_two_declines_to_a_low_rating_and_the_close(bot):
    number = await declined_twice_and_accepted(bot)
    await contacted_late_and_agreed_on(bot, number)
    await noted_and_completed(bot, number)
    await rated_low_and_closed(bot, number)
    await is_remembered_the_next_time(bot)


async def declined_twice_and_accepted(bot):
    dana, lee, ana, kofi = await cast_of(bot)
    (laura, grace) = await bot.people("Laura Bianchi", "Grace O'Brien")
    number = await approved(dana, lee)

    first = await ana.card_with("assign", showing=number)
    assert "Kofi Mensah" in first.words
    assert "knows the workload" in first.words
    await ana.press("assign", showing=number, sme_other=laura.email, assign_note="Kofi is at a conference.")
    await dana.sees("Laura Bianchi is your SME")
    assert "conference" not in dana.transcript + laura.transcript
    assert "conference" in (await lee.sees("Assigned to Laura Bianchi")).words
    await laura.press("decline", showing=number, decline_reason="I do not know Teams.")
    await dana.sees("Declined by Laura Bianchi", "I do not know Teams.")
    again = await ana.card_with("assign", showing=number)
    assert "Laura Bianchi declined" in again.words
    await ana.press("assign", showing=number, sme=grace.email)
    await grace.press("decline", showing=number, decline_reason="My week is full.")
    await check_every_card(bot)

    await ana.press("assign", showing=number, sme=kofi.email)
    await kofi.press("accept", showing=number)
    await check_every_card(bot)
    return number


async def contacted_late_and_agreed_on(bot, number):
    dana, lee, _, kofi = await cast_of(bot)
    await bot.advance(5 * DAY)
    await kofi.sees("Reminder")
    await kofi.press("contacted", showing=number)
    assert "kick-off" in (await kofi.sees("Please write the kick-off")).words
    await kofi.press("kickoff", showing=number, **KICKOFF)
    await check_every_card(bot)

    assert "500 users call out" in (await lee.card_with("agree", showing=number)).words
    await lee.press("agree", showing=number)
    await bot.advance(0)
    changed = KICKOFF | {"end": in_days(29).isoformat()}
    await kofi.press("kickoff", showing=number, **changed)
    await lee.press("agree", showing=f"{in_days(29):%-d %b %Y}")
    await dana.press(
        "agree", showing=f"{in_days(29):%-d %b %Y}", learners="Piotr Zieliński; amara.okafor@contoso-consulting.example"
    )
    await check_every_card(bot)
    agreed = await kofi.sees("SME agreed · FPM agreed · Partner agreed")
    assert "Piotr Zieliński" in agreed.words


async def noted_and_completed(bot, number):
    dana, lee, _, kofi = await cast_of(bot)
    await kofi.press("note", showing=number, **NOTE)
    for person in (dana, lee, kofi):
        await person.sees("Note written by Kofi Mensah", "Numbers are ported next week.")
    await check_every_card(bot)
    refused = await kofi.press(
        "complete", showing=number, met="1,3", summary="Calling runs.", feedback="A strong team."
    )
    assert "Please say why they are waived" in refused
    ended = {
        "met": "1,3",
        "waive_reason": "No cutover was needed.",
        "summary": "Calling runs.",
        "feedback": "A strong team.",
    }
    assert "Text for FTOP" in await kofi.press("complete", showing=number, **ended)
    done = await dana.sees("What came of it", "Calling runs.")
    assert "talk to Lee Park first" in done.words
    assert "A strong team." not in done.words
    assert "A strong team." in (await lee.sees("What came of it")).words
    await check_every_card(bot)


async def rated_low_and_closed(bot, number):
    dana, lee, _, kofi = await cast_of(bot)
    await dana.press("rate", data={"rating": 2}, rating_comment="It took three weeks.")
    assert "It took three weeks." not in kofi.transcript
    inbox = await lee.say("inbox")
    assert number in inbox
    item = await lee.say(f"status {number}")
    assert "Rated 2 of 5" in item
    assert "It took three weeks." in item
    await lee.press("answer", showing=number, answer_text="Thank you, I call you.")
    await lee.press("close", showing=number)
    assert await status_of(dana, number) == "Closed"
    await check_every_card(bot)
    assert number not in await lee.say("inbox")


async def is_remembered_the_next_time(bot):
    dana, *_ = await cast_of(bot)
    page = await review(dana, tenant_name="Woodgrove Bank", tenant_id="11111111-2222-4333-8444-555555555555")
    assert "Calling runs." in page.words
    assert "Piotr Zieliński" in page.words
    learned = await dana.say("learning")
    assert "Amara Okafor" in learned
    assert "Adventure Works, with Kofi Mensah" in learned


async def test_an_sme_who_must_leave_is_followed_by_another(bot):
    dana, lee, ana, kofi = await cast_of(bot)
    number = await accepted(dana, lee, ana, kofi)
    await kofi.press("contacted", showing=number)
    await kofi.press("kickoff", showing=number, **KICKOFF)
    await bot.advance(0)
    await lee.press("release", showing=number, release_reason="Kofi changes teams.")
    await check_every_card(bot)
    await dana.sees("SME released by Lee Park")
    await ana.card_with("assign", showing=number)
    assert number not in await kofi.say("engagements")

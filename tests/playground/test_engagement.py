"""What follows an assignment, with real clicks: kick-off, agreement, notes, completion and rating."""

from datetime import UTC, datetime, timedelta

from tests.browser import Person
from tests.playground.conftest import Picture, people_at_their_pages
from tests.playground.test_journey import EVERYBODY, asks, decide_and_accept

OUTCOME = "Calling plans run for the first 500 users."


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


async def test_help_goes_from_the_kick_off_to_its_rating_and_more_is_proposed(chromium_path, tmp_path, picture):
    async with people_at_their_pages(chromium_path, tmp_path, *EVERYBODY) as (dana, lee, ana, kofi):
        await asks(dana, picture)
        await decide_and_accept(dana, lee, ana, kofi, picture)

        await kicks_off(dana, lee, kofi, picture)
        await works_and_completes(dana, lee, kofi, picture)
        await is_rated_and_closed(dana, lee, picture)
        await proposes(dana, lee, kofi, picture)


async def kicks_off(dana: Person, lee: Person, kofi: Person, picture: Picture) -> None:
    await kofi.press("Contacted")
    await kofi.sees("Please write the kick-off")
    await kofi.open("Write the kick-off")
    await kofi.fill("What is expected of each", "The partner leads every call; the SME coaches.")
    await kofi.fill("What is to come of it", OUTCOME)
    await kofi.fill("When is it done?", "500 users call out\nThe partner has led one cutover")
    await kofi.pick_day("First day", in_days(1))
    await kofi.pick_day("Last day", in_days(21))
    await picture(kofi, "writing-the-kick-off")
    await kofi.press("Ask for agreement")
    await kofi.sees("The kick-off waits for the FPM and the partner.")
    await picture(kofi, "kick-off-written")

    await lee.sees("Please agree on the kick-off")
    await picture(lee, "asked-to-agree")
    await lee.press("Agree")
    await lee.sees("FPM agreed")
    await dana.is_told("Agreed on the kick-off by Lee Park")
    await picture(dana, "asked-to-agree-as-partner")
    await dana.open("Agree", showing=OUTCOME)
    await dana.fill("Who of your team learns from it?", "Piotr Zieliński\nAmara Okafor", showing=OUTCOME)
    await picture(dana, "naming-learners")
    await dana.press("Agree", showing=OUTCOME)
    await dana.is_told("Partner agreed")
    await picture(dana, "agreed")


async def works_and_completes(dana: Person, lee: Person, kofi: Person, picture: Picture) -> None:
    await kofi.is_told("Agreed on the kick-off by Dana Reyes")
    await kofi.write("engagements")
    await kofi.sees("Adventure Works")
    await picture(kofi, "engagements")
    await kofi.press("Open")
    await kofi.sees("Please write a note when something changes")
    await kofi.open("Write a note")
    await kofi.choose("How does it stand?", "Waits for the customer")
    await kofi.fill("In a few words", "The numbers are ported next week.")
    await kofi.fill("Next step (optional)", "Check the port order")
    await kofi.pick_day("By when (optional)", in_days(7))
    await picture(kofi, "writing-a-note")
    await kofi.press("Save the note")
    await kofi.sees("How it stands: Waits for the customer")
    await picture(kofi, "note-written")
    await dana.is_told("The numbers are ported next week.")

    await kofi.open("Complete")
    await kofi.choose("Which exit criteria are met?", "Number 1")
    await kofi.fill("If one is not met: why is it waived?", "The customer did the cutover alone.")
    await kofi.fill("Summary for FPM and partner", "Calling runs for 500 users.")
    await kofi.fill("Feedback, for the FPM only", "A strong team that learns fast.")
    await picture(kofi, "completing")
    await kofi.press("Complete the help")
    await kofi.sees("Text for FTOP")
    await picture(kofi, "completed")


async def is_rated_and_closed(dana: Person, lee: Person, picture: Picture) -> None:
    await dana.sees("How was the help?")
    await picture(dana, "asked-to-rate")
    await dana.fill("A word about it", "It took three weeks.")
    await dana.press("2")
    await dana.sees("Rated 2 of 5")
    await picture(dana, "rated")
    await lee.is_told("Rated by Dana Reyes")
    await lee.write("inbox")
    await lee.sees("Adventure Works")
    await picture(lee, "low-rating-in-the-inbox")
    await lee.press("Open")
    await lee.sees("Rated 2 of 5")
    await picture(lee, "low-rating")
    await lee.open("Close")
    await lee.press("Close the request")
    await lee.sees("This request is closed")
    await picture(lee, "closed")
    await dana.write("learning")
    await dana.sees("Piotr Zieliński, Amara Okafor")
    await picture(dana, "learning")


async def proposes(dana: Person, lee: Person, kofi: Person, picture: Picture) -> None:
    await lee.write("propose CONTOSO")
    await lee.sees("The partner agrees first")
    await lee.choose("Contact at the partner", "Dana Reyes (CONTOSO)")
    await lee.fill("Or the SME's e-mail", "kofi.mensah@fasttrack.example")
    await lee.choose("Workload", "Teams")
    await lee.choose("Topic", "Delivery coaching for a workload")
    await lee.pick_day("First day", in_days(1))
    await lee.pick_day("Last day", in_days(30))
    await lee.fill("Outcomes to agree on", "The team leads the next rollout alone.")
    await picture(lee, "proposing")
    await lee.press("Propose")
    await lee.sees("Help proposed")
    await dana.sees("Microsoft proposes help for your team. Do you agree?")
    await picture(dana, "proposal")
    await dana.press("Agree")
    await dana.sees("Agreed on the help")
    await kofi.sees("Can you help?")
    await picture(kofi, "asked-to-help")

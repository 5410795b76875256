"""The core journey with real clicks: four Playground pages, opened by the launcher behind `make run`."""

from tests.browser import Person
from tests.playground.conftest import Picture, people_at_their_pages

EVERYBODY = ("Dana Reyes", "Lee Park", "Ana Souza", "Kofi Mensah")
CUSTOMER_TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
REASON = "Our team has tried the deployment guide and is stuck with calling plans."
BEST_FIT = "Kofi Mensah: knows the workload, English, EMEA, 8 h shared, 0 of 4 open"


async def test_a_request_goes_from_the_first_word_to_its_close(chromium_path, tmp_path, picture):
    async with people_at_their_pages(chromium_path, tmp_path, *EVERYBODY) as (dana, lee, ana, kofi):
        await asks(dana, picture)
        await decide_and_accept(dana, lee, ana, kofi, picture)
        await looks_and_closes(dana, lee, kofi, picture)


async def asks(dana: Person, picture: Picture) -> None:
    await dana.write("new request")
    await dana.sees("does not lead")
    await picture(dana, "scope-and-customer")
    await dana.fill("Customer's tenant ID", "not a tenant")
    await dana.press("Next")
    await dana.sees("32 hexadecimal digits")
    await picture(dana, "mistakes")
    await dana.fill("Customer's tenant ID", CUSTOMER_TENANT)
    await dana.fill("Customer's name", "Adventure Works")
    await dana.choose("Customer's segment", "Enterprise")
    await dana.choose("Customer's region", "Europe, Middle East and Africa")
    await dana.press("Next")

    await dana.sees("What is needed")
    await dana.choose("Kind of SME", "FastTrack Engineer SME")
    await dana.choose("Workload", "Teams")
    await dana.fill("Active licences for this workload", "5,000")
    await dana.choose("Language wanted of the SME", "English")
    await picture(dana, "need")
    await dana.press("Next")

    await dana.sees("Why a Subject Matter Expert")
    await dana.choose("What the SME should help with", "Delivery coaching for a workload")
    await dana.fill("Why an SME is needed", REASON)
    await picture(dana, "reason")
    await dana.press("Next")

    await dana.sees("Who is involved")
    await picture(dana, "people")
    await dana.press("Next")
    await dana.sees("Check and send")
    await picture(dana, "review")
    await dana.press("Send request")
    await dana.sees("Your request is with Lee Park")
    await picture(dana, "receipt")


async def decide_and_accept(dana: Person, lee: Person, ana: Person, kofi: Person, picture: Picture) -> None:
    await lee.sees("Please decide")
    await picture(lee, "decision")
    await lee.press("Approve")
    await lee.sees("Approved by Lee Park")
    await picture(lee, "approved")

    await ana.sees("Please assign an SME")
    await ana.open("Assign an SME")
    await ana.choose("SME (best fit first)", BEST_FIT)
    await picture(ana, "assignment")
    await ana.press("Assign")
    await ana.sees("Assigned to Kofi Mensah")
    await picture(ana, "assigned")

    await dana.sees("How to start")
    await picture(dana, "steps")
    await kofi.sees("Can you help?")
    await picture(kofi, "ping")
    await kofi.press("Accept")
    await kofi.sees("You have accepted")
    await picture(kofi, "accepted")


async def looks_and_closes(dana: Person, lee: Person, kofi: Person, picture: Picture) -> None:
    await dana.is_told("Accepted by Kofi Mensah")
    await dana.write("my requests")
    await dana.sees("Adventure Works")
    await dana.press("Open")
    await dana.sees("Before that")
    await picture(dana, "status")

    await lee.sees("Accepted by Kofi Mensah")
    await picture(lee, "news")
    await lee.press("Open")
    await lee.sees("Before that")
    await lee.open("Close")
    await lee.fill("Reason", "The customer is live.")
    await picture(lee, "closing")
    await lee.press("Close the request")
    await lee.sees("This request is closed")
    await picture(lee, "closed")
    await dana.is_told("The customer is live.")
    await picture(dana, "told-of-the-close")
    await kofi.is_told("The customer is live.")
    await picture(kofi, "told-of-the-close-as-sme")

"""Several requests decided on at once: the list anew, with a line for each that says what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.cards.list_buttons import DECIDED_ON
from bot.cards.lists import list_card
from bot.cards.pieces import Card, Runs, run
from bot.domain.desk import UNKNOWN_BUTTON, Desk
from bot.domain.errors import Refusal
from bot.domain.filters import wanted_in
from bot.domain.leafing import Page
from bot.domain.lookup import summary_of
from bot.domain.people import Person
from bot.domain.request import happened
from bot.domain.several import Outcome, press_several

_INPUTS = ("deny_reason", "deny_note")


async def several_page(desk: Desk, person: Person, texts: Mapping[str, str]) -> Card:
    """Decide on the requests that were ticked, and return their list. Raises Refusal where nothing could be pressed."""
    action = next((action for action in DECIDED_ON if action == texts.get("do")), None)
    wanted = wanted_in(texts)
    if action is None or wanted is None:
        raise Refusal(UNKNOWN_BUTTON)
    inputs = {key: texts[key] for key in _INPUTS if texts.get(key)}
    outcomes = await press_several(desk, person, action.value, texts.get(DECIDED_ON[action], ""), inputs)
    page = _as_it_is_now(await desk.listing.page(person, wanted), outcomes)
    return list_card(page, ZoneInfo(person.time_zone), [_line(each) for each in outcomes])


def _as_it_is_now(page: Page, outcomes: Sequence[Outcome]) -> Page:
    """Return the page with what has just happened: the stored lists follow a moment later."""
    pressed = {each.number: each.answer.view.request for each in outcomes if each.answer}
    rows = [summary_of(pressed[row.number], row.note) if row.number in pressed else row for row in page.rows]
    gone = {number for number, request in pressed.items() if not request.waits_for_the_fpm}
    return replace(page, rows=[row for row in rows if row.number not in gone])


def _line(outcome: Outcome) -> Runs:
    """Say what was done with a request, or why nothing was."""
    number = run(f"{outcome.number}: ", bold=True)
    if outcome.answer is None:
        return [*number, *run(outcome.sentence)]
    request = outcome.answer.view.request
    said = f"{outcome.answer.note} {happened(request.last)}".strip()
    return [*number, *run(said)]

"""The form without any framework: the pages, checks, verdicts and cards of the bot, as its peers ask them.

Everything up to the review card is here; sending a request, changing a page from the review and asking the FPM are not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

from bot.cards.form import line_card, page_card, page_line_card, review_card, self_deploy_card
from bot.cards.pieces import Card
from bot.domain.fields import PAGES, FormContext, Page, on_page
from bot.domain.form import REVIEW, SELF_DEPLOY, check_page, next_stop, page_before, page_is_done, settled, verdict_of
from bot.domain.people import Person
from bot.domain.routing import load_table
from bot.domain.texts import cleaned
from tests.bench.directory import People

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
CANCELLED = "Form cancelled."
EARLIER_STEP = "That card is from an earlier step. Please go on with the newest card below."
NO_LONGER_FIT = "Some answers no longer fit and are asked again."

_PAGES = {page.key: page for page in PAGES}
_DECIDING = page_before(SELF_DEPLOY)
STOPS = (*(s for key in _PAGES for s in ((key, SELF_DEPLOY) if key == _DECIDING else (key,))), REVIEW)
"""Every question in the order of asking."""

Stop = dict[str, Any]
Marker = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """The card was answered: by which button, and the read-only line that it becomes."""

    verb: str
    line: Card


@dataclass(frozen=True, slots=True)
class Kept:
    """The question stays: the card drawn anew."""

    card: Card


def new_form() -> Stop:
    """Return what a chat keeps of a form; plain JSON values only."""
    return {"token": token_hex(16), "answers": {}, "asked": []}


def new_card_key() -> str:
    return token_hex(8)


def marker_of(state: Mapping[str, Any]) -> dict[str, str]:
    """Return what goes into the data of each button of the card that is open."""
    return {"form": state["token"], "card": state["card"], "stop": state["stop"]}


def is_press_on(marker: Marker, value: object) -> bool:
    """Say whether a message is a press on the open card of this very form."""
    return isinstance(value, dict) and all(value.get(key) == marker[key] for key in ("form", "card"))


class Form:
    """The questions, with partners and people in memory."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._fpms = {email: fpm.name for email, fpm in people.fpms.items()}
        self._table = load_table()

    def person(self, channel_data: Mapping[str, Any], object_id: str) -> Person:
        return self._people.requesters[channel_data["tenant"]["id"], object_id]

    def next_stop(self, person: Person, answers: Mapping[str, str]) -> str:
        return next_stop(self._context(person, answers))

    def card(self, person: Person, answers: Mapping[str, str], marker: Marker) -> Card:
        """Return the card that asks what the marker names."""
        context, stop = self._context(person, answers), marker["stop"]
        if stop == REVIEW:
            return review_card(context, marker, earlier=())
        if stop == SELF_DEPLOY:
            return self_deploy_card(context, marker)
        return _drawn(_PAGES[stop], context, marker)

    def take(self, person: Person, answers: dict[str, str], marker: Marker, value: Mapping[str, Any]) -> Taken | Kept:
        """Take a press; whatever can be taken goes into `answers`."""
        if value["verb"] == "cancel":
            return Taken("cancel", line_card(CANCELLED))
        page = _PAGES.get(marker["stop"])
        if page is None:
            return Taken("back", line_card(NO_LONGER_FIT))
        context = self._context(person, answers)
        checked = check_page(page.key, value, context)
        if value["verb"] == "back":
            answers.update({key: answer for key, answer in checked.answers.items() if key in value})
            context = self._context(person, answers)
            later = line_card(f"{page.title}: to be answered later.")
            return Taken("back", page_line_card(page, context) if page_is_done(page.key, context) else later)
        answers.update(checked.answers)
        if checked.mistakes:
            typed = {field.key: cleaned(str(value.get(field.key, ""))) for field in on_page(page.key, context)}
            return Kept(_drawn(page, context, marker, typed, checked.mistakes))
        return Taken("next", page_line_card(page, self._context(person, answers)))

    def _context(self, person: Person, answers: Mapping[str, str]) -> FormContext:
        partners = {code: self._people.partners[code] for code in person.partners}
        verdict = verdict_of(self._table, answers)
        context = FormContext(person, partners, self._fpms, dict(answers), verdict)
        return replace(context, answers=settled(context))


def _drawn(
    page: Page,
    context: FormContext,
    marker: Marker,
    values: Mapping[str, str] | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> Card:
    index = PAGES.index(page)
    return page_card(
        page,
        context,
        marker,
        values=values,
        mistakes=mistakes,
        is_first=index == 0,
        step=index + 1,
        steps=len(PAGES),
    )

"""Decides on several requests at once; each is pressed for itself, as if by the button on its own card."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.desk import Answer, Desk, Press
from bot.domain.errors import Refusal
from bot.domain.leafing import ROWS
from bot.domain.lookup import NOT_FOUND
from bot.domain.people import Person

NOTHING_TICKED = "Please tick at least one request."
TOO_MANY = f"Please tick {ROWS} requests at most."
_AT_ONCE = 4
_TICKED_LONGEST = 1_000
_TICKED = re.compile(r"([A-Z0-9]{2,12}-[A-Z0-9]{6})@(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the press on one request: the answer, or the sentence that says why nothing did."""

    number: str
    answer: Answer | None = None
    sentence: str = ""


async def press_several(
    desk: Desk, person: Person, verb: str, ticked: str, inputs: Mapping[str, str]
) -> Sequence[Outcome]:
    """Press a button of each request that was ticked, a few at once. Raises Refusal when nothing could be pressed."""
    presses = [Press(verb, number, revision, inputs) for number, revision in _parsed(ticked).items()]
    outcomes: list[Outcome] = []
    for first in range(0, len(presses), _AT_ONCE):
        some = (_outcome(desk, person, press) for press in presses[first : first + _AT_ONCE])
        done = await asyncio.gather(*some, return_exceptions=True)
        # Only after all of them have ended: a failure must not leave others running behind the answer.
        for each in done:
            if isinstance(each, BaseException):
                raise each
            outcomes.append(each)
    return outcomes


async def _outcome(desk: Desk, person: Person, press: Press) -> Outcome:
    try:
        return Outcome(press.number, await desk.press(person, press))
    except Refusal as refusal:
        return Outcome(press.number, sentence=refusal.sentence)


def _parsed(ticked: str) -> dict[str, int]:
    """Return the revision at which each request was ticked, by its number."""
    each = [part for part in ticked[: _TICKED_LONGEST + 1].split(",") if part]
    if not each:
        raise Refusal(NOTHING_TICKED)
    if len(ticked) > _TICKED_LONGEST or len(each) > ROWS:
        raise Refusal(TOO_MANY)
    found = [_TICKED.fullmatch(part) for part in each]
    if not all(found):
        raise Refusal(NOT_FOUND)
    return {one[1]: int(one[2]) for one in found if one}

"""Buttons on cards that are not the form's: the data that a press carries, parsed, and the card that answers it."""

import re
from collections.abc import Mapping
from typing import Any

from bot.cards.request import request_card
from bot.domain.access import is_admission
from bot.domain.access_desk import ACCESS_VERBS, LOOK, AccessPress
from bot.domain.desk import PRESSABLE, REFRESH, Answer, Press
from bot.domain.lifecycle import Action, Topic
from bot.domain.notices import OF_AGENDAS

VERBS = PRESSABLE | {REFRESH}
_NUMBER_OF_ENGAGEMENT_ENDS_AT = "."
_TOKEN = re.compile(r"[0-9a-f]{32}")


def parse_press(data: object, verb: object = None) -> Press | None:
    """Return the press that a card's data describes, or None when it is no press on a request's card.

    `verb` is the one of the Action.Execute itself. Nothing of the data is trusted beyond its shape.
    """
    if not isinstance(data, Mapping):
        return None
    wanted = data.get("verb", verb)
    number = data.get("request") or data.get("engagement")
    if not isinstance(wanted, str) or wanted not in VERBS or not isinstance(number, str):
        return None
    inputs = _texts_of(data) | ({"rating": str(stars)} if (stars := _whole(data.get("rating"))) > 0 else {})
    return Press(wanted, number.partition(_NUMBER_OF_ENGAGEMENT_ENDS_AT)[0], _whole(data.get("revision")), inputs)


def parse_proposal(data: object, verb: object = None) -> tuple[str, dict[str, str]] | None:
    """Return the token and the inputs of a proposal that the data of a button makes, None when it makes none."""
    if not isinstance(data, Mapping) or data.get("verb", verb) != Action.PROPOSE:
        return None
    token = data.get("engagement")
    return (token, _texts_of(data)) if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def _texts_of(data: Mapping[str, Any]) -> dict[str, str]:
    return {k: v for k, v in data.items() if isinstance(v, str)}


def parse_access_press(data: object, verb: object = None) -> AccessPress | None:
    """Return the press that a card's data describes, or None when it is no press on the card of an admission."""
    if not isinstance(data, Mapping):
        return None
    wanted, admission = data.get("verb", verb), data.get("request")
    wanted = LOOK if wanted == REFRESH else wanted
    is_known = isinstance(wanted, str) and wanted in ACCESS_VERBS
    if not is_known or not isinstance(admission, str) or not is_admission(admission):
        return None
    note = data.get("refuse_note")
    return AccessPress(str(wanted), admission, _whole(data.get("revision")), note if isinstance(note, str) else "")


def parse_word(data: Mapping[str, Any]) -> int:
    """Return the number of the word on whose card a button was pressed, 0 when it stands on another card."""
    topic = data.get("topic")
    return max(0, _whole(data.get("word"))) if isinstance(topic, str) and topic in OF_AGENDAS else 0


def _whole(raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    return int(raw) if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) < 10 else -1  # noqa: PLR2004


def answer_card(answer: Answer, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pressed card in its new state: the same kind of card for the same reader.

    Who has no part in the request any more gets a line, whatever the card claims to be.
    """
    claimed = data.get("topic") if answer.view.relations else None
    topic = next((t for t in Topic if t == claimed and t not in OF_AGENDAS), Topic.STATUS)
    return request_card(answer.view, topic, note=answer.note)

"""The outcome table of the design, by hand: what a connector does with every post, and what the bot makes of it."""

from dataclasses import dataclass

from tests.faults.outcomes import (
    Answer,
    answers_bytes,
    hangs,
    refuses,
    refuses_until,
    resets,
    takes_and_answers,
    takes_then,
    takes_then_resets,
)

CARD, MAIL, PARKED = "card", "mail", "parked"
Pauses = tuple[tuple[float, float], ...]
NOBODY_LISTENS, NO_TLS = "nobody listens", "no TLS"
HOUR = 3_600


@dataclass(frozen=True)
class Row:
    """One case, in seconds of the bot's clock.

    `answer` is what every post to the person meets, or the first `times` ones; where there is none, the person is kept
    at a `place` that does not do. `pauses` are the least and the most seconds between one post and the next, `settled`
    between the notice and its end; `reason` is a part of what is kept as the reason; `taken` counts the messages that
    stood in the chat.
    """

    name: str
    answer: Answer | None
    pauses: Pauses
    end: str
    settled: tuple[float, float]
    reason: str = ""
    posts: int | None = None
    times: int | None = None
    taken: int = 0
    place: str = ""


# A pause may be longer by jitter, by the worker's look each few seconds and by the limit of one message a second.
DOUBLING: Pauses = ((1, 8), (2, 10), (4, 14), (8, 22), (16, 38), (32, 70))
THROTTLED: Pauses = (*DOUBLING, (64, 140), (128, 270), (256, 400), (300, 400), (300, 400))
BY_MAIL = (300, 400)
AT_ONCE = (0, 10)
A_DAY = (24 * HOUR, 25 * HOUR)
ONCE_MORE: Pauses = ((30, 65),)
# The words of the card follow a refused card in the same attempt.
WORDS_ONLY: Pauses = ((0, 10),)


def _throttled(name: str, answer: Answer, reason: str, pauses: Pauses = THROTTLED) -> Row:
    """After five minutes its words go by mail, and the card is still tried for a day."""
    return Row(name, answer, pauses, MAIL, A_DAY, reason)


def _ambiguous(name: str, answer: Answer, reason: str, taken: int = 0) -> Row:
    known = f"unknown whether it arrived ({reason}"
    return Row(name, answer, ONCE_MORE, PARKED, (30, 75), known, posts=2, taken=taken)


def _unreachable(status: int, code: str) -> Row:
    return Row(f"{status} {code}", refuses(status, code), (), MAIL, AT_ONCE, f"{status} {code}", posts=1)


def _our_fault(name: str, answer: Answer, reason: str) -> Row:
    return Row(name, answer, WORDS_ONLY, PARKED, AT_ONCE, reason, posts=2)


def _taken(name: str, answer: Answer) -> Row:
    return Row(name, answer, (), CARD, AT_ONCE, posts=1, taken=1)


ROWS = (
    Row("refused connection", None, (), MAIL, BY_MAIL, "NoConnection", posts=0, place=NOBODY_LISTENS),
    Row("no TLS", None, (), MAIL, BY_MAIL, "NoConnection", posts=0, place=NO_TLS),
    _throttled("429", refuses(429, "TooManyRequests"), "429"),
    _throttled("429 for 3,600 s", refuses(429, Retry_After="3600"), "429", ((HOUR, HOUR + 60),) * 3),
    _throttled("429 for 7 s", refuses(429, Retry_After="7"), "429", ((7, 20), (7, 20), (7, 20), (8, 30))),
    _throttled("429 with a date", refuses_until(429, 600), "429", ((599, 680),) * 3),
    _throttled("429 with nonsense", refuses(429, Retry_After="in a while"), "429"),
    _throttled("429 with a past date", refuses_until(429, -600), "429"),
    _throttled("412", refuses(412, "PreconditionFailed"), "412"),
    _throttled("503", refuses(503, "ServiceUnavailable"), "503"),
    _throttled("503 for 1,200 s", refuses(503, Retry_After="1200"), "503", ((1_200, 1_260),) * 3),
    _ambiguous("500", refuses(500), "500"),
    _ambiguous("500 after taking it", takes_then(500), "500", taken=2),
    _ambiguous("502", refuses(502), "502"),
    _ambiguous("502 after taking it", takes_then(502), "502", taken=2),
    _ambiguous("504", refuses(504), "504"),
    _ambiguous("504 after taking it", takes_then(504), "504", taken=2),
    _ambiguous("reset before taking it", resets, "NoAnswer"),
    _ambiguous("reset after taking it", takes_then_resets, "NoAnswer", taken=2),
    _ambiguous("an answer that is no HTTP status known", refuses(599), "599"),
    Row("once no answer in time", hangs, ONCE_MORE, CARD, (30, 75), posts=2, times=1, taken=1),
    Row("once 502 after taking it", takes_then(502), ONCE_MORE, CARD, (30, 75), posts=2, times=1, taken=2),
    Row("once 503", refuses(503), DOUBLING[:1], CARD, (1, 10), posts=2, times=1, taken=1),
    Row("once 413", refuses(413, "MessageSizeTooBig"), WORDS_ONLY, CARD, AT_ONCE, posts=2, times=1, taken=1),
    Row("401", refuses(401, "Unauthorized"), DOUBLING, MAIL, BY_MAIL, "401"),
    _unreachable(403, "InvalidBotApiHost"),
    _unreachable(403, "ForbiddenOperationException"),
    _unreachable(403, "BotNotInConversationRoster"),
    _unreachable(403, "ConversationBlockedByUser"),
    _unreachable(403, "BotDisabledByAdmin"),
    _unreachable(403, "MessageWritesBlocked"),
    _unreachable(404, "ConversationNotFound"),
    Row("404 with garbage", answers_bytes(404, b"\xff\x00<html>"), (), MAIL, AT_ONCE, "404", posts=1),
    _our_fault("400", refuses(400, "BadSyntax"), "400 BadSyntax"),
    _our_fault("413", refuses(413, "MessageSizeTooBig"), "413 MessageSizeTooBig"),
    _our_fault("a redirect", refuses(302, Location="http://127.0.0.1:9/stolen"), "302"),
    _our_fault("a lasting redirect", refuses(308, Location="http://127.0.0.1:9/stolen"), "308"),
    _taken("201 with bytes", takes_and_answers(b"\xff\xfe\x00")),
    _taken("201 with nothing", takes_and_answers(b"")),
    _taken("201 with a list", takes_and_answers(b"[1, 2]")),
    _taken("201 with a number for an id", takes_and_answers(b'{"id": 7}')),
)

NO_ID = frozenset(row.name for row in ROWS if row.name.startswith("201 with"))
"""Rows in which the connector gives the card no id."""

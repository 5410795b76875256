"""What telemetry measures: each instrument with its name, unit and attributes, and the names of spans."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.lifecycle import Topic
from bot.domain.promise_record import RECEIPT
from bot.domain.promises import PromiseId


class Shape(StrEnum):
    """How an instrument adds up."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    GAUGE = "gauge"


class TurnKind(StrEnum):
    """What an activity asks for."""

    MESSAGE = "message"
    PRESS = "press"
    REFRESH = "refresh"
    SEARCH = "search"
    FILE = "file"
    ARRIVAL = "arrival"
    OTHER = "other"


class TurnOutcome(StrEnum):
    """How a turn ended: refused ones told the person why, failed ones that something went wrong here."""

    OK = "ok"
    REFUSED = "refused"
    FAILED = "failed"


class Telling(StrEnum):
    """What an attempt at a notice came to."""

    DELIVERED = "delivered"
    MAILED = "mailed"
    RETRIED = "retried"
    PARKED = "parked"


KIND, OUTCOME, TOPIC, PROMISE, KEPT = "kind", "outcome", "topic", "promise", "kept"
TRUE, FALSE = "true", "false"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One metric; `attributes` has the values that each attribute takes, all of them."""

    name: str
    shape: Shape
    unit: str
    meaning: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    buckets: tuple[float, ...] = ()


TURN_DURATION = Instrument(
    "sme.turn.duration",
    Shape.HISTOGRAM,
    "s",
    "how long an activity took, from its admission to the answer",
    {KIND: tuple(TurnKind), OUTCOME: tuple(TurnOutcome)},
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
NOTICES = Instrument(
    "sme.notices",
    Shape.COUNTER,
    "{notice}",
    "what the attempts at notices came to; one that is tried again is counted each time, its end once",
    {OUTCOME: tuple(Telling), TOPIC: tuple(Topic)},
)
NOTICE_DELAY = Instrument(
    "sme.notice.delay",
    Shape.HISTOGRAM,
    "s",
    "from the making of a notice until its recipient was told, by card or by mail",
    {TOPIC: tuple(Topic)},
    (1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0),
)
PROMISES = Instrument(
    "sme.promises",
    Shape.COUNTER,
    "{promise}",
    "promises as they are met or slip, each counted once by whichever instance enters it into the ledger",
    {PROMISE: (RECEIPT, *PromiseId), KEPT: (TRUE, FALSE)},
)
PENDING = Instrument(
    "sme.notices.pending", Shape.GAUGE, "{notice}", "notices that were tried in vain and are tried again"
)
PARKED = Instrument("sme.notices.parked", Shape.GAUGE, "{notice}", "notices that could not be delivered at all")
OLDEST = Instrument("sme.notices.oldest", Shape.GAUGE, "s", "how long the oldest pending notice has waited")
OVERDUE = Instrument("sme.clocks.overdue", Shape.GAUGE, "{look}", "work that has been due for more than five minutes")
SET_ASIDE = Instrument("sme.work.set_aside", Shape.GAUGE, "{look}", "work that failed again and again")

INSTRUMENTS: tuple[Instrument, ...] = (
    TURN_DURATION,
    NOTICES,
    NOTICE_DELAY,
    PROMISES,
    PENDING,
    PARKED,
    OLDEST,
    OVERDUE,
    SET_ASIDE,
)

ACTIVITY_SPAN = "POST /api/messages"
DELIVERY_SPAN = "notice.deliver"
CLOCK_SPAN = "clock.look"
SPAN_KIND, SPAN_OUTCOME, SPAN_TOPIC, SPAN_ATTEMPT = "sme.kind", "sme.outcome", "sme.topic", "sme.attempt"

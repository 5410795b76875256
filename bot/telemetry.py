"""Spans and metrics of one instance, by the OpenTelemetry API alone: without providers they come to nothing."""

from asyncio import CancelledError
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter

from opentelemetry.context import Context
from opentelemetry.metrics import Histogram, Meter, MeterProvider, NoOpMeterProvider
from opentelemetry.trace import (
    INVALID_SPAN,
    NoOpTracerProvider,
    Span,
    SpanKind,
    StatusCode,
    TracerProvider,
    get_current_span,
    use_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from yarl import URL

from bot import __version__
from bot.domain.notices import Notice, NoticeState, Way
from bot.domain.ports import Raced
from bot.domain.tally import Counts
from bot.domain.trace import trace_now
from bot.instruments import (
    ACTIVITY_SPAN,
    CLOCK_SPAN,
    DELIVERY_SPAN,
    FALSE,
    KEPT,
    KIND,
    NOTICE_DELAY,
    NOTICES,
    OUTCOME,
    PROMISE,
    PROMISES,
    SPAN_ATTEMPT,
    SPAN_KIND,
    SPAN_OUTCOME,
    SPAN_TOPIC,
    TOPIC,
    TRUE,
    TURN_DURATION,
    Instrument,
    Telling,
    TurnKind,
    TurnOutcome,
)

SCOPE = "sme"
_NO_FAILURE = (Raced, CancelledError)
"""Somebody else was first, or the process stops: nothing is wrong with either."""
_PLANS = "work"
"""The table of what to look at when: to plan the next look changes nothing."""
_W3C = TraceContextTextMapPropagator()
_WAS_KEPT = {"kept": TRUE, "broken": FALSE}
"""How the counts of a tally that are about promises begin."""


@dataclass(slots=True)
class _Turn:
    outcome: TurnOutcome = TurnOutcome.OK


@dataclass(slots=True)
class _Look:
    has_changed: bool = False


_turn: ContextVar[_Turn | None] = ContextVar("turn", default=None)
_look: ContextVar[_Look | None] = ContextVar("look", default=None)


def turn_refused() -> None:
    """Note that what was asked for in the turn under way is refused, with a sentence for the person."""
    if turn := _turn.get():
        turn.outcome = TurnOutcome.REFUSED


def turn_failed() -> None:
    """Note that the turn under way went wrong, and that the person was told so."""
    if turn := _turn.get():
        turn.outcome = TurnOutcome.FAILED


def span_ids() -> dict[str, str]:
    """Return the ids of the trace and span under way, as log lines have them; nothing where there is none."""
    here = get_current_span().get_span_context()
    return {"trace_id": f"{here.trace_id:032x}", "span_id": f"{here.span_id:016x}"} if here.is_valid else {}


def telling_of(after: Notice) -> Telling | None:
    """Return what an attempt at a notice came to; None where nobody need be told of it any more."""
    if after.state is NoticeState.PARKED:
        return Telling.PARKED
    if after.is_open:
        return Telling.RETRIED
    return {Way.TEAMS: Telling.DELIVERED, Way.MAIL: Telling.MAILED}.get(after.way)


def called(span: Span, status: int | None, code: str) -> None:
    """Say how a call ended: by a status, or by the word of this program for why there was none."""
    if status is None:
        span.set_attribute("error.type", code)
    else:
        span.set_attribute("http.response.status_code", status)
    if status is None or status >= HTTPStatus.BAD_REQUEST:
        span.set_status(StatusCode.ERROR)


class Telemetry:
    """What one instance does, as spans and numbers; both providers, or none where nobody wants to know.

    All that is said is a code of this program, a number or a time: no name, address, text or id of a person or chat.
    """

    def __init__(self, tracers: TracerProvider | None = None, meters: MeterProvider | None = None) -> None:
        self.is_on = tracers is not None
        self._tracer = (tracers or NoOpTracerProvider()).get_tracer(SCOPE, __version__)
        self.meter = meter = (meters or NoOpMeterProvider()).get_meter(SCOPE, __version__)
        self._turns = _histogram(meter, TURN_DURATION)
        self._notices = meter.create_counter(NOTICES.name, NOTICES.unit, NOTICES.meaning)
        self._delays = _histogram(meter, NOTICE_DELAY)
        self._promises = meter.create_counter(PROMISES.name, PROMISES.unit, PROMISES.meaning)

    @contextmanager
    def activity(self) -> Iterator[Span]:
        """Trace one activity that was let in: whoever is not could fill the telemetry, at our cost.

        Its trace begins here: whoever posts could else choose where it is written to.
        """
        if not self.is_on:
            yield INVALID_SPAN
            return
        attributes = {"http.request.method": "POST", "http.route": "/api/messages"}
        with self._span(ACTIVITY_SPAN, SpanKind.SERVER, attributes, Context()) as span, _followed(span):
            yield span

    @contextmanager
    def turn(self, kind: TurnKind) -> Iterator[None]:
        """Measure a turn, from its admission to the answer."""
        if not self.is_on:
            yield
            return
        turn, span, began = _Turn(), get_current_span(), perf_counter()
        token = _turn.set(turn)
        try:
            yield
        except BaseException:
            turn.outcome = TurnOutcome.FAILED
            raise
        finally:
            _turn.reset(token)
            self._turns.record(perf_counter() - began, {KIND: kind, OUTCOME: turn.outcome})
            span.set_attributes({SPAN_KIND: kind, SPAN_OUTCOME: turn.outcome})
            if turn.outcome is TurnOutcome.FAILED:
                span.set_status(StatusCode.ERROR)

    @contextmanager
    def delivery(self, notice: Notice) -> Iterator[None]:
        """Trace an attempt at a notice as part of what made it, on whichever instance that was."""
        if not self.is_on:
            yield
            return
        attributes: dict[str, str | int] = {SPAN_TOPIC: notice.topic, SPAN_ATTEMPT: notice.attempts + 1}
        maker = _W3C.extract({"traceparent": notice.trace}, Context())
        with self._span(DELIVERY_SPAN, SpanKind.CONSUMER, attributes, maker) as span, _followed(span):
            yield

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Trace what the clock has done, as a trace of its own; a look that changes nothing leaves none."""
        if not self.is_on:
            yield
            return
        span, look = self._tracer.start_span(CLOCK_SPAN, Context(), SpanKind.CONSUMER), _Look()
        token = _look.set(look)
        try:
            with use_span(span, record_exception=False, set_status_on_exception=False), _followed(span):
                yield
        finally:
            _look.reset(token)
            # A span that never ends is never exported; most looks find that nothing is due.
            if look.has_changed:
                span.end()

    @contextmanager
    def commit(self, storage: str, table: str, changes: int) -> Iterator[None]:
        """Trace a commit to a table, where it is part of something that is traced."""
        look = _look.get()
        if not get_current_span().is_recording() or (look and table == _PLANS):
            yield
            return
        if look:
            look.has_changed = True
        attributes: dict[str, str | int] = {
            "db.system.name": storage,
            "db.operation.name": "commit",
            "db.collection.name": table,
            "db.operation.batch.size": changes,
        }
        with self._span(f"commit {table}", SpanKind.CLIENT, attributes):
            yield

    @contextmanager
    def call(self, method: str, route: str, at: URL) -> Iterator[Span]:
        """Trace a call to the connector or to Graph, where it is part of something that is traced.

        Of `at`, whose host is one of those that are trusted, only the origin is told; `route` has no ids in it.
        """
        if not get_current_span().is_recording():
            yield INVALID_SPAN
            return
        attributes: dict[str, str | int] = {
            "http.request.method": method,
            "url.scheme": at.scheme,
            "url.full": f"{at.origin()}{route}",
            "server.address": at.host or "",
            "server.port": at.port or 0,
        }
        with self._span(f"{method} {route}", SpanKind.CLIENT, attributes) as span:
            yield span

    def attempted(self, after: Notice) -> None:
        """Count what an attempt at a notice came to, once that is kept."""
        telling = telling_of(after)
        if telling is None:
            return
        self._notices.add(1, {OUTCOME: telling, TOPIC: after.topic})
        get_current_span().set_attribute(SPAN_OUTCOME, telling)
        # Who was told by mail before, and has the card at last, was told then.
        if telling in {Telling.DELIVERED, Telling.MAILED} and after.told_at and after.told_at >= after.created_at:
            self._delays.record((after.told_at - after.created_at).total_seconds(), {TOPIC: after.topic})

    def promised(self, added: Counts) -> None:
        """Count the promises that an entry into the ledger adds to the tally.

        One that is taken off it again stays counted: a decision that comes to nothing as no SME accepts.
        """
        for name, count in added.items():
            way, _, promise = name.partition(":")
            if way in _WAS_KEPT and count > 0:
                self._promises.add(count, {PROMISE: promise, KEPT: _WAS_KEPT[way]})

    @contextmanager
    def _span(
        self, name: str, kind: SpanKind, attributes: Mapping[str, str | int], parent: Context | None = None
    ) -> Iterator[Span]:
        """Trace a block; of what goes wrong only the kind is said, as its text may quote what somebody wrote."""
        with self._tracer.start_as_current_span(
            name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as failure:
                span.set_attribute("error.type", type(failure).__name__)
                if not isinstance(failure, _NO_FAILURE):
                    span.set_status(StatusCode.ERROR)
                raise


@contextmanager
def _followed(span: Span) -> Iterator[None]:
    """Have what is left to be done later go on with a span."""
    here = span.get_span_context()
    if not here.is_valid:
        yield
        return
    token = trace_now.set(f"00-{here.trace_id:032x}-{here.span_id:016x}-{here.trace_flags:02x}")
    try:
        yield
    finally:
        trace_now.reset(token)


def _histogram(meter: Meter, of: Instrument) -> Histogram:
    return meter.create_histogram(of.name, of.unit, of.meaning, explicit_bucket_boundaries_advisory=of.buckets)


OFF = Telemetry()
"""Tells nobody anything."""

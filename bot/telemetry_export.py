"""Sends traces, metrics and log lines to Application Insights, from threads that nobody ever waits for."""

import asyncio
import logging
import os
import threading
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from azure.core.settings import settings as azure_settings
from azure.identity import DefaultAzureCredential
from azure.monitor.opentelemetry.exporter import (
    AzureMonitorLogExporter,
    AzureMonitorMetricExporter,
    AzureMonitorTraceExporter,
)
from opentelemetry._logs import LoggerProvider as Lines
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from bot import __version__
from bot.domain.unreadable import UnreadableRow
from bot.logs import OWN_LOGGERS, extras_of
from bot.settings import Settings
from bot.telemetry import Telemetry, span_ids

SERVICE = "sme-request-bot"
METRICS_MILLISECONDS = 60_000
FLUSH_SECONDS = 3.0
CONNECT_SECONDS, ANSWER_SECONDS, TRIES_AGAIN = 5, 10, 3
QUIET_SECONDS = 600.0

_NOTHING_BESIDE = {
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED": "true",
}
"""Without these the exporter tells how it fares, and asks what to do, also at hosts that the settings do not name."""
_COMPLAINING = (
    "azure.monitor.opentelemetry.exporter.export._base",
    "azure.monitor.opentelemetry.exporter._generated.exporter._utils.model_base",
    "azure.identity._credentials.chained",
    "opentelemetry.sdk._shared_internal",
)
_SEVERITIES = {
    logging.DEBUG: SeverityNumber.DEBUG,
    logging.INFO: SeverityNumber.INFO,
    logging.WARNING: SeverityNumber.WARN,
    logging.ERROR: SeverityNumber.ERROR,
    logging.CRITICAL: SeverityNumber.FATAL,
}


class ExportedLines(logging.Handler):
    """Hands on what is logged, with the trace it belongs to; of a failure where it happened, and not what it quotes."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        # What is said of those who were not let in stays here, however often they come.
        if record.levelno < logging.WARNING and not span_ids():
            return
        said = {k: v if isinstance(v, bool | int | float) else str(v) for k, v in extras_of(record).items()}
        kind, failure, place = record.exc_info or (None, None, None)
        if isinstance(failure, UnreadableRow):
            said["row"] = str(failure)
        if kind:
            said |= {"exception.type": kind.__name__, "exception.stacktrace": "".join(traceback.format_tb(place))}
        line = LogRecord(
            timestamp=int(record.created * 1e9),
            severity_text=record.levelname,
            severity_number=_SEVERITIES.get(record.levelno, SeverityNumber.INFO),
            body=record.getMessage(),
            attributes=said,
        )
        self._lines.get_logger(record.name).emit(line)


class Seldom(logging.Filter):
    """Lets the same complaint through once in ten minutes: an ingestion that is down fails with every batch."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now, what = time.monotonic(), str(record.msg)
        if now - self._said.get(what, -QUIET_SECONDS) < QUIET_SECONDS:
            return False
        self._said[what] = now
        return True


_SELDOM = Seldom()


class Export:
    """The providers of one instance over what takes spans, metrics and lines; `close` never takes long."""

    def __init__(self, spans: SpanProcessor, metrics: MetricReader, lines: LogRecordExporter) -> None:
        about = Resource({"service.name": SERVICE, "service.version": __version__})
        self._tracers = TracerProvider(resource=about, shutdown_on_exit=False)
        self._tracers.add_span_processor(spans)
        self._meters = MeterProvider([metrics], about, shutdown_on_exit=False)
        self._loggers = LoggerProvider(about, shutdown_on_exit=False)
        self._loggers.add_log_record_processor(BatchLogRecordProcessor(lines))
        self._handler = ExportedLines(self._loggers)
        self.telemetry = Telemetry(self._tracers, self._meters)
        for name in OWN_LOGGERS:
            logging.getLogger(name).addHandler(self._handler)

    async def close(self, seconds: float = FLUSH_SECONDS) -> None:
        """Send what is left, as far as the time goes; the rest is lost."""
        for name in OWN_LOGGERS:
            logging.getLogger(name).removeHandler(self._handler)
        loop, sent = asyncio.get_running_loop(), asyncio.Event()

        def close_all() -> None:
            for provider in (self._tracers, self._meters, self._loggers):
                provider.shutdown()
            with suppress(RuntimeError):  # The loop has not waited for it, and is closed.
                loop.call_soon_threadsafe(sent.set)

        # A daemon, like the threads of the providers: it is not waited for when the process ends.
        threading.Thread(target=close_all, daemon=True).start()
        try:
            await asyncio.wait_for(sent.wait(), seconds)
        except TimeoutError:
            logging.getLogger(__name__).warning("not all telemetry was sent")


@asynccontextmanager
async def exported(settings: Settings) -> AsyncIterator[Telemetry]:
    """Send all telemetry to Application Insights, signed in as for the storage; on the way out send what is left."""
    os.environ.update(_NOTHING_BESIDE)
    # Its spans would hold the addresses of rows, which name people.
    azure_settings.tracing_enabled = False
    for name in _COMPLAINING:
        logging.getLogger(name).addFilter(_SELDOM)
    export = Export(*exporters(settings))
    try:
        yield export.telemetry
    finally:
        await export.close()


def exporters(settings: Settings) -> tuple[SpanProcessor, MetricReader, LogRecordExporter]:
    signs_in = not settings.is_local and settings.ingestion.startswith("https:")
    options: dict[str, Any] = {
        "connection_string": settings.insights,
        "credential": DefaultAzureCredential() if signs_in else None,
        "disable_offline_storage": True,
        "timeout": CONNECT_SECONDS,
        "read_timeout": ANSWER_SECONDS,
        "retry_total": TRIES_AGAIN,
    }
    return (
        BatchSpanProcessor(AzureMonitorTraceExporter(**options)),
        PeriodicExportingMetricReader(AzureMonitorMetricExporter(**options), METRICS_MILLISECONDS),
        AzureMonitorLogExporter(**options),
    )

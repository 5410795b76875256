"""Keeps all that an instance tells of itself, by the real SDK, in memory."""

import json

from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.telemetry_export import Export


class Recorder:
    """The telemetry of one instance; `close` it, as it listens to the log."""

    def __init__(self):
        self._spans, self._lines, self._reader = (
            InMemorySpanExporter(),
            InMemoryLogRecordExporter(),
            InMemoryMetricReader(),
        )
        self._export = Export(SimpleSpanProcessor(self._spans), self._reader, self._lines)
        self.telemetry = self._export.telemetry

    async def close(self):
        await self._export.close()

    def spans(self, name=""):
        """Return the ended spans, of one name or all."""
        return [span for span in self._spans.get_finished_spans() if name in {"", span.name}]

    def children(self, parent):
        return [s for s in self.spans() if s.parent and s.parent.span_id == parent.context.span_id]

    def lines(self):
        self._export._loggers.force_flush()
        return [line.log_record for line in self._lines.get_finished_logs()]

    def metrics(self):
        found = self._reader.get_metrics_data()
        return [m for r in found.resource_metrics for s in r.scope_metrics for m in s.metrics] if found else []

    def points(self, instrument):
        """Return what was measured so far, by the attributes: a number, or the point of a histogram."""
        points = [p for metric in self.metrics() if metric.name == instrument.name for p in metric.data.data_points]
        return {tuple(point.attributes.values()): getattr(point, "value", point) for point in points}

    def everything(self):
        """Return all that was told as one text."""
        told = [json.loads(span.to_json()) for span in self.spans()]
        self._export._loggers.force_flush()
        told += [json.loads(line.to_json()) for line in self._lines.get_finished_logs()]
        measured = self._reader.get_metrics_data()
        return json.dumps(told, ensure_ascii=False) + (measured.to_json() if measured else "")

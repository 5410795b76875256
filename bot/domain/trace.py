"""Which trace the work under way belongs to, so that what it leaves to be done later can go on with it."""

from contextvars import ContextVar

trace_now: ContextVar[str] = ContextVar("trace_now", default="")
"""The W3C `traceparent` of what is being done, '' where nobody traces it; the edge sets it, and it names nobody."""

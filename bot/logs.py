"""Logs as JSON lines: what happened and where, never names, mails, texts or tokens."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from bot.telemetry import span_ids

OWN_LOGGERS = ("bot", "state", "app")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def extras_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line says beside its message."""
    return {k: v for k, v in vars(record).items() if k not in _STANDARD}


class JsonLines(logging.Formatter):
    """One JSON object a record: time, level, logger, message, trace, extra fields and traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= span_ids() | extras_of(record)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def set_up_logs(level: int = logging.INFO) -> None:
    """Send the bot's log lines to standard error; libraries speak only of what goes wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(level)
    # It quotes what the sign-in service answered, tokens included; our own line says that there is no token.
    logging.getLogger("msal").setLevel(logging.CRITICAL)

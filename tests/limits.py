"""The limits of an installation, as the code that keeps them says."""

from datetime import timedelta

from bot.cards.size import MOST_UNITS
from bot.channel.body import LARGEST_BODY
from bot.channel.lanes import CHAT_RATE, TENANT_RATE
from bot.domain.leafing import MOST_LOOKED_AT, ROWS
from bot.domain.search import MOST_FOUND
from bot.domain.telling import MOST_IN_A_COMMIT
from bot.export_files import MOST_LINES
from bot.exports import MOST_MAILED
from bot.floods import ACTIVITIES, SEARCHES
from bot.listening import MOST_CONNECTIONS
from bot.worker import LONGEST_PAUSE, MOST_AT_ONCE, MOST_FAILURES, POLL_SECONDS
from state.table import MAX_CHANGES, MAX_COMMIT_BYTES, MAX_ROW_BYTES
from state.work import LEASE

PARTITION_ROWS_A_SECOND = 2_000
"""https://learn.microsoft.com/azure/storage/tables/scalability-targets, of rows of 1 KiB."""
ACCOUNT_CALLS_A_SECOND = 20_000
"""The same page."""
_KIB = 1024


def limit_table() -> str:
    """Return one row for each limit that an administrator may meet."""
    rows = [f"| {what} | {value} | {beyond} |" for what, value, beyond in _limits()]
    return "\n".join(["| of | limit | what happens there |", "|---|---|---|", *rows])


def _limits() -> list[tuple[str, str, str]]:
    return [
        (
            "one partner's requests (a partition)",
            f"{PARTITION_ROWS_A_SECOND:,} rows a second (Azure)",
            "calls are tried again, and turns take longer",
        ),
        ("the storage account", f"{ACCOUNT_CALLS_A_SECOND:,} calls a second (Azure)", "the same"),
        ("a commit", f"{MAX_CHANGES} rows, {MAX_COMMIT_BYTES // _KIB**2} MiB (Azure)", "notices beyond it follow"),
        ("a row", f"{MAX_ROW_BYTES // _KIB:,} KiB (Azure)", "texts are limited where they are typed"),
        ("people told in the commit of a change", f"{MOST_IN_A_COMMIT}", "the others are told right after it"),
        ("a card", f"{MOST_UNITS:,} UTF-16 units of JSON", "long texts are cut, with an ellipsis at their end"),
        ("messages to a chat", f"{CHAT_RATE:g} a second, by each instance", "they wait, in order"),
        ("messages to a tenant", f"{TENANT_RATE:g} a second, by each instance", "they wait, in order"),
        ("activities of a person", f"{ACTIVITIES.of_a_person} a minute", "the person is asked to slow down"),
        ("activities of a partner's tenant", f"{ACTIVITIES.of_a_tenant} a minute", "its people are asked to slow down"),
        (
            "searches of a person, of a tenant",
            f"{SEARCHES.of_a_person}, {SEARCHES.of_a_tenant} a minute",
            "they are asked to slow down",
        ),
        ("an activity", f"{LARGEST_BODY // _KIB} KB", "answered 413"),
        ("connections to an instance", f"{MOST_CONNECTIONS:,}", "one more is closed"),
        ("a page of a list", f"{ROWS} lines, out of {MOST_LOOKED_AT:,} looked at", '"Look further" goes on'),
        ("what a search finds", f"{MOST_FOUND} requests", "more letters find fewer"),
        ("a file that goes by mail", f"{MOST_MAILED:,} bytes", "a narrower filter is asked for"),
        ("a sheet of an export", f"{MOST_LINES:,} lines", "a second sheet begins"),
        ("due work that an instance does at once", f"{MOST_AT_ONCE} requests", "the rest waits, in order of time"),
        ("until due work is seen", f"{POLL_SECONDS:g} seconds", "work of the instance itself is done at once"),
        ("until a dead instance's work is taken over", f"{_seconds(LEASE)} seconds", "another instance does it"),
        (
            "work that fails",
            f"{MOST_FAILURES} times, with pauses up to {_seconds(LONGEST_PAUSE) // 60} minutes",
            "set aside; `doctor` shows it",
        ),
    ]


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())

"""Log lines: one JSON object each, from the bot's loggers and from libraries in trouble."""

import json
import logging
import sys
from datetime import UTC, datetime

from bot.logs import JsonLines, set_up_logs


def record(message="a turn of %s", args=("Dana",), exc_info=None, **extra):
    made = logging.LogRecord("bot.web", logging.INFO, __file__, 1, message, args, exc_info)
    made.created = datetime(2026, 11, 23, 10, tzinfo=UTC).timestamp()
    for name, value in extra.items():
        setattr(made, name, value)
    return made


def test_a_record_is_one_line_with_time_level_logger_message_and_its_fields():
    line = JsonLines().format(record(status=403, why='Zażółć\n"quoted"'))
    assert "\n" not in line
    assert json.loads(line) == {
        "at": "2026-11-23T10:00:00.000+00:00",
        "level": "INFO",
        "logger": "bot.web",
        "message": "a turn of Dana",
        "status": 403,
        "why": 'Zażółć\n"quoted"',
    }


def test_a_field_that_json_does_not_know_is_written_as_text():
    line = json.loads(JsonLines().format(record(since=datetime(2026, 11, 23, tzinfo=UTC))))
    assert line["since"] == "2026-11-23 00:00:00+00:00"


def test_a_failure_keeps_its_traceback_in_the_same_line():
    try:
        int("the reason")
    except ValueError:
        line = JsonLines().format(record(exc_info=sys.exc_info()))
    assert "\n" not in line
    assert "ValueError: invalid literal" in json.loads(line)["traceback"]


def test_the_bot_speaks_of_what_happens_and_libraries_only_of_what_goes_wrong(logging_as_before, capsys):
    set_up_logs()
    logging.getLogger("bot.web").info("an activity was refused")
    logging.getLogger("state.sqlite").info("opened")
    logging.getLogger("app").debug("not wanted")
    logging.getLogger("aiohttp.access").info("not wanted")
    logging.getLogger("aiohttp.server").warning("a header was malformed")
    written = capsys.readouterr()
    assert written.out == ""
    assert [json.loads(line)["message"] for line in written.err.splitlines()] == [
        "an activity was refused",
        "opened",
        "a header was malformed",
    ]


def test_setting_logs_up_twice_writes_each_line_once(logging_as_before, capsys):
    set_up_logs()
    set_up_logs(logging.DEBUG)
    logging.getLogger("app").debug("listening")
    assert len(capsys.readouterr().err.splitlines()) == 1

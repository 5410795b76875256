"""What the Azure exporter sends, and that an ingestion which is away or hangs does not matter."""

import asyncio
import logging
import sys
import threading

import pytest
from azure.monitor.opentelemetry.exporter.statsbeat._state import is_statsbeat_enabled

from bot.domain.unreadable import UnreadableRow
from bot.instruments import ACTIVITY_SPAN, INSTRUMENTS, TurnKind
from bot.settings import read_settings
from bot.telemetry_export import Seldom, exported
from tests.ingestion import KEY, running_ingestion
from tests.stories.running_bot import ROOT

PATIENCE = 30
FAULT = UnreadableRow("requests: CONTOSO request:X", "it has no status")
NOWHERE = f"InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:1/"
WATCHED = """
import sys
hosts = set()
sys.addaudithook(lambda event, args: hosts.add(str(args[0])) if event == "socket.getaddrinfo" else None)
import app
app.main([])
print(*sorted(hosts))
"""
"""Serves, and says afterwards with which hosts it spoke."""


@pytest.fixture
async def ingestion():
    async with running_ingestion() as running:
        yield running


def settings_for(connection_string):
    return read_settings({"APPLICATIONINSIGHTS_CONNECTION_STRING": connection_string})


@pytest.fixture
async def process_of(tmp_path, ingestion):
    """Start `app.py` with this ingestion; give the process once it listens, and where."""
    started = []

    async def start(*, held=False):
        if held:
            ingestion.held.clear()
        environment = {
            "PYTHONPATH": str(ROOT),
            "SME_PORT": "0",
            "SME_STORAGE": f"sqlite:{tmp_path / 'sme.db'}",
            "SME_MAIL": f"folder:{tmp_path}",
            "SME_DIRECTORY": str(ROOT / "deployment" / "sample-directory"),
            "APPLICATIONINSIGHTS_CONNECTION_STRING": ingestion.connection_string,
        }
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WATCHED, env=environment, cwd=tmp_path, stdout=pipe, stderr=pipe
        )
        started.append(process)
        while b"listening" not in (line := await process.stderr.readline()):
            assert line, "the bot did not start"
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_spans_numbers_and_lines_arrive_with_the_trace_that_they_belong_to(ingestion):
    log = logging.getLogger("bot.somewhere")
    async with exported(settings_for(ingestion.connection_string)) as telemetry:
        with telemetry.activity() as span, telemetry.turn(TurnKind.PRESS):
            log.info("a line", extra={"topic": "news", "count": 3})
            span.set_attribute("http.response.status_code", 200)

    trace = f"{span.get_span_context().trace_id:032x}"
    (request,) = ingestion.of("RequestData")
    assert (request["name"], request["responseCode"], request["success"]) == (ACTIVITY_SPAN, "200", True)
    assert request["properties"] == {"sme.kind": "press", "sme.outcome": "ok"}
    (line,) = ingestion.of("MessageData")
    assert line["message"] == "a line"
    assert line["properties"] == {"topic": "news", "count": "3", "logger_name": "bot.somewhere"}
    assert {each["tags"]["ai.operation.id"] for each in (request, line)} == {trace}
    (metric,) = ingestion.of("MetricData")
    assert metric["metrics"][0]["name"] == "sme.turn.duration"
    assert metric["properties"] == {"kind": "press", "outcome": "ok"}
    assert request["tags"]["ai.cloud.role"] == "sme-request-bot"
    assert len(ingestion.envelopes) == 3
    assert ingestion.authorizations == {None}, "on this machine nobody signs in"


async def test_of_a_failure_its_kind_and_place_are_sent_and_not_what_it_quotes(ingestion):
    async with exported(settings_for(ingestion.connection_string)):
        try:
            int("what Dana wrote")
        except ValueError:
            logging.getLogger("state.somewhere").exception("it failed")

    (failure,) = ingestion.of("ExceptionData")
    (told,) = failure["exceptions"]
    assert (told["typeName"], told["message"]) == ("ValueError", "it failed")
    assert "test_telemetry_export.py" in told["stack"]
    assert "invalid literal" not in ingestion.text


async def test_of_a_row_that_cannot_be_read_is_sent_which_it_is(ingestion):
    async with exported(settings_for(ingestion.connection_string)):
        try:
            raise FAULT
        except UnreadableRow:
            logging.getLogger("bot.somewhere").exception("a turn failed")

    (failure,) = ingestion.of("ExceptionData")
    assert failure["properties"]["row"] == "requests: CONTOSO request:X cannot be read: it has no status"


async def test_nothing_runs_beside_what_sends(ingestion):
    before = set(threading.enumerate())
    async with exported(settings_for(ingestion.connection_string)):
        begun = sorted(thread.name for thread in set(threading.enumerate()) - before)
    assert len(begun) == 3
    assert all(name.startswith("Otel") for name in begun), begun
    # For an endpoint in Azure it would report on itself to Microsoft.
    assert not is_statsbeat_enabled()


async def test_what_libraries_say_is_not_sent(ingestion):
    async with exported(settings_for(ingestion.connection_string)):
        logging.getLogger("aiohttp.server").error("from 192.0.2.1")
    assert not ingestion.envelopes


async def test_an_ingestion_that_is_away_does_not_hold_anything_up():
    async with asyncio.timeout(PATIENCE), exported(settings_for(NOWHERE)) as telemetry:
        with telemetry.activity():
            pass


async def test_a_process_whose_ingestion_hangs_stops_when_it_is_told_to(process_of, ingestion):
    process = await process_of(held=True)
    process.terminate()
    async with asyncio.timeout(PATIENCE):
        _, said = await process.communicate()
    assert ingestion.asked.is_set()
    assert not ingestion.envelopes
    assert process.returncode == 0
    assert b"not all telemetry was sent" in said


async def test_no_other_host_is_spoken_with(process_of, ingestion):
    process = await process_of()
    process.terminate()
    async with asyncio.timeout(PATIENCE):
        said, _ = await process.communicate()
    assert said.decode().split() == ["127.0.0.1"]
    assert {each["data"]["baseType"] for each in ingestion.envelopes} <= {"MetricData", "MessageData"}
    measured = {each["metrics"][0]["name"] for each in ingestion.of("MetricData")}
    assert measured
    assert measured <= {each.name for each in INSTRUMENTS}


async def test_an_ingestion_that_refuses_without_a_word_is_complained_of_once(ingestion, caplog):
    ingestion.status = 402
    for _ in range(3):
        async with exported(settings_for(ingestion.connection_string)) as telemetry:
            with telemetry.activity():
                pass
    assert ingestion.asked.is_set()
    assert len({record.msg for record in caplog.records}) == len(caplog.records)


def test_a_complaint_that_comes_with_every_batch_is_written_once():
    seldom = Seldom()
    records = [logging.makeLogRecord({"msg": f"{what} %s", "args": (n,)}) for n in range(3) for what in ("a", "b")]
    assert [r.getMessage() for r in records if seldom.filter(r)] == ["a 0", "b 0"]

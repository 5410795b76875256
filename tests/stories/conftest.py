"""What the stories start from: a running bot that must not fail in any turn."""

import logging

import pytest

from tests.stories.running_bot import running_bot


@pytest.fixture
async def bot(tmp_path, caplog):
    async with running_bot(tmp_path) as running:
        yield running
    failures = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR and record.exc_info]
    assert not failures, "\n".join(record.getMessage() + f"\n{record.exc_text}" for record in failures)

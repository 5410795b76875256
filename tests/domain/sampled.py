"""A sample history of the sample directory, as the command tells it, with working days without holidays."""

from datetime import UTC, datetime

from bot.domain.past import Diaries
from bot.domain.routing import load_table
from bot.domain.sample_town import town_of
from bot.domain.sampling import Plan, chunks
from state.directory_files import read_files
from tests.domain.office import HOME, SAMPLE, OrdinaryDays

NOW = datetime(2026, 11, 23, 10, 40, tzinfo=UTC)
DIRECTORY = read_files(SAMPLE, HOME)


def diaries(directory=DIRECTORY):
    return Diaries(OrdinaryDays(), directory.people)


def told(requests, seed="1", months=24, now=NOW, directory=DIRECTORY):
    """Return the chunks of a sample history."""
    plan = Plan(requests, seed, months, now)
    return list(chunks(town_of(directory, seed), diaries(directory), load_table(), plan))


def cases_of(found):
    return [case for chunk in found for case in chunk.cases]

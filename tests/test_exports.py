"""Files made by the worker: told of, uploaded or mailed, once, whatever dies or fails meanwhile."""

import csv
import io
import random
import zipfile
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest

from bot import exports as parts
from bot.channel.files import NotUploadedError
from bot.domain.export_jobs import LEASE, MOST_ATTEMPTS, Place, export_in
from bot.domain.export_reading import ExportReader
from bot.domain.people import Role
from bot.domain.ports import Raced
from bot.exports import Exports
from tests.domain.office import DANA, SAMIRA, opened_office

PLACE = Place("https://contoso.example/upload", "https://contoso.example/file", "requests.xlsx", "id", "xlsx")
TOKEN = "ab" * 16


class Died(Exception):  # noqa: N818 - the process, and with it everything that goes on
    """The process ends here."""


class Channel:
    """Stands where Teams and OneDrive do: keeps what is said, shown and uploaded, and fails when told to."""

    def __init__(self):
        self.said, self.shown, self.uploaded = [], [], []
        self.failure = None

    async def say(self, email, sentence, card=""):
        self.said.append((email, sentence, card))
        return card or "a new message"

    async def show(self, email, place):
        if isinstance(self.failure, Died) and self.uploaded:
            raise self.failure
        self.shown.append((email, place))

    async def upload(self, url, path, still_here):
        await still_here()
        if self.failure and not self.uploaded:
            failure = self.failure
            raise failure
        self.uploaded.append((url, path.read_bytes()))


class Read:
    """A reader of very much."""

    def __init__(self, to_look_at, groups):
        self.to_look_at, self.groups = to_look_at, groups


class Post:
    """A mail service that keeps what it was handed, or is down."""

    def __init__(self):
        self.mails, self.is_down = {}, False

    async def send(self, key, to, subject, text, enclosed=None):
        if self.is_down:
            raise OSError("Graph answered 503")
        self.mails[key] = (to, text, enclosed)


@pytest.fixture
async def office(store):
    return await opened_office(store)


@pytest.fixture
def channel():
    return Channel()


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def exports(office, channel, post):
    reader = ExportReader(office.requests, office.ledger, office.people, office.clock)
    return Exports(office.export_jobs, reader, Refreshed(office.people), channel, post, office.clock)


class Refreshed:
    """The people of an office, who are read anew each time."""

    def __init__(self, people):
        self.by_email, self.partners_of, self.covers = people.by_email, people.partners_of, people.covers

    async def refresh(self):
        """Nothing is remembered."""


async def ordered(office, place=PLACE, words="", email=SAMIRA):
    await office.desk.exports.order(await office.person(email), words, TOKEN, place, "card")
    return office.nudged[-1]


async def job_of(office, number):
    return await office.export_jobs.load(export_in(number))


def lines_of_mail(post):
    ((_, _, enclosed),) = post.mails.values()
    with zipfile.ZipFile(io.BytesIO(enclosed.content)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read("requests.csv").decode())))


async def test_a_file_is_uploaded_shown_and_spoken_of_in_one_message(office, exports, channel, post):
    await office.submitted()
    number = await ordered(office)
    assert await exports.look(number) is None
    ((url, content),) = channel.uploaded
    assert url == PLACE.upload_url
    assert openpyxl.load_workbook(io.BytesIO(content))["Requests"].max_row == 2
    assert channel.shown == [(SAMIRA, PLACE)]
    assert channel.said == [
        (SAMIRA, "I am writing your file: all requests.", "card"),
        (SAMIRA, "Your file is ready, with 1 request: all requests.", "card"),
    ]
    job = await job_of(office, number)
    assert (job.is_done, job.place, post.mails) == (True, Place(), {})


async def test_what_is_done_or_unknown_is_not_done_again(office, exports, channel):
    await office.submitted()
    number = await ordered(office)
    for each in (number, number, "export:unknown"):
        assert await exports.look(each) is None
    assert len(channel.uploaded) == 1


async def test_a_long_file_says_how_far_it_is(office, exports, channel):
    await office.submitted()

    async def many(wanted, progress):
        for done in (1_000, 3_999, 4_000, 9_000, 40_001):
            progress(done)
            async for lines in exports.reader.groups(wanted, lambda _done: None):
                yield lines

    async def total(_wanted):
        return 40_000

    slow = replace(exports, reader=Read(total, many))
    await slow.look(await ordered(office, words="TEAMS"))
    assert [
        sentence.removeprefix("I am writing your file: all requests for TEAMS.") for _, sentence, _ in channel.said
    ] == [
        "",
        " 10 % of it is looked through.",
        " 22 % of it is looked through.",
        " 100 % of it is looked through.",
        "Your file is ready, with 5 requests: all requests for TEAMS.",
    ]


async def test_while_one_instance_makes_it_others_come_back_later(office, exports, channel):
    number = await ordered(office)
    held = await office.export_jobs.save((await job_of(office, number)).begun(office.now))
    assert await exports.look(number) == held.busy_until == office.now + LEASE
    assert channel.said == []


async def test_whoever_is_overtaken_stops(office, exports, channel):
    await office.submitted()
    number = await ordered(office)

    async def overtaken(_url, _path, still_here):
        office.now += LEASE
        await office.export_jobs.save((await job_of(office, number)).begun(office.now))
        office.now += LEASE
        await still_here()

    channel.upload = overtaken
    assert await exports.look(number) is not None
    assert (channel.shown, (await job_of(office, number)).is_done) == ([], False)


async def test_a_lease_is_renewed_while_the_work_goes_on(office, exports, channel):
    await office.submitted()
    number = await ordered(office)

    async def slow(_url, _path, still_here):
        for _ in range(4):
            office.now += LEASE / 2 + timedelta(seconds=1)
            await still_here()
            assert (await job_of(office, number)).is_held(office.now)

    channel.upload = slow
    await exports.look(number)
    assert (await job_of(office, number)).is_done


async def test_what_a_dead_process_left_is_done_by_another_after_the_lease(office, exports, channel):
    await office.submitted()
    number = await ordered(office)
    channel.failure = Died()
    with pytest.raises(Died):
        await exports.look(number)
    channel.failure = None
    until = await exports.look(number)
    office.now = until
    assert await exports.look(number) is None
    assert (len(channel.uploaded), len(channel.shown)) == (1, 1)


async def test_a_file_that_is_there_already_is_only_shown_again(office, exports, channel):
    await office.submitted()
    number = await ordered(office)
    channel.failure = Died()
    channel.uploaded.append("what makes only the showing fail")
    with pytest.raises(Died):
        await exports.look(number)
    channel.failure = None
    office.now += LEASE
    await exports.look(number)
    assert len(channel.uploaded) == 2
    assert channel.shown == [(SAMIRA, PLACE)]
    assert channel.said[-1][1] == "Your file is ready, with 1 request: all requests."


async def test_a_file_over_which_processes_die_again_and_again_is_given_up(office, exports, channel, caplog):
    await office.submitted()
    number = await ordered(office)
    channel.failure = Died()
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Died):
            await exports.look(number)
        office.now += LEASE
    assert await exports.look(number) is None
    assert channel.said[-1][1].startswith("Your file could not be made: all requests.")
    assert "an export was given up" in caplog.text
    assert (await job_of(office, number)).is_done


async def test_what_onedrive_does_not_take_is_mailed(office, exports, channel, post):
    made = await office.submitted()
    channel.failure = NotUploadedError("answered 403")
    await exports.look(await ordered(office))
    assert [line["number"] for line in lines_of_mail(post)] == [made]
    assert channel.said[-1][1].startswith("Teams did not take the file, so it was mailed to you, with 1 request")


async def test_a_mail_says_what_was_asked_for(office, exports, channel, post):
    await office.submitted()
    await exports.look(await ordered(office, None, "2026-11 TEAMS"))
    ((to, text, enclosed),) = post.mails.values()
    assert (to, enclosed.name) == (SAMIRA, "sme-requests.zip")
    assert "1 request: all requests for TEAMS submitted in 2026-11." in text
    assert channel.said[-1][1].startswith("Your file was mailed to you")


@pytest.mark.parametrize("place", [None, PLACE])
async def test_an_empty_file_is_neither_mailed_nor_uploaded(office, exports, channel, post, place):
    await exports.look(await ordered(office, place))
    assert (post.mails, channel.uploaded) == ({}, [])
    assert channel.said[-1][1] == "There is no request to export: all requests."


async def test_a_mail_that_does_not_go_is_said(office, exports, channel, post):
    await office.submitted()
    post.is_down = True
    number = await ordered(office, None)
    await exports.look(number)
    assert channel.said[-1][1].startswith("Your file could not be made: all requests.")
    assert (await job_of(office, number)).is_done


async def test_a_file_too_large_for_a_mail_is_not_sent_in_pieces(office, exports, channel, post):
    chance = random.Random(1)  # noqa: S311 - it fills a file

    async def long_lines(_wanted, _progress):
        yield [[chance.randbytes(2_000).hex() for _ in range(50)] for _ in range(40)]

    many = replace(exports, reader=Read(exports.reader.to_look_at, long_lines))
    await many.look(await ordered(office, None))
    assert post.mails == {}
    assert channel.said[-1][1].startswith("The file is too large for a mail: all requests.")


async def test_whoever_lost_the_role_meanwhile_or_is_gone_gets_nothing(office, exports, channel, post):
    await office.submitted()
    dana = replace(await office.person(DANA), roles=frozenset({Role.PROGRAM}))
    await office.desk.exports.order(dana, "", TOKEN, PLACE)
    await office.desk.exports.order(replace(dana, email="gone@contoso.example"), "", TOKEN, PLACE)
    for number in filter(export_in, office.nudged):
        assert await exports.look(number) is None
        assert (await job_of(office, number)).is_done
    assert (channel.said, channel.uploaded, post.mails) == ([], [], {})


async def test_a_job_that_somebody_else_takes_at_the_same_moment_is_left_to_them(office, exports, channel):
    number = await ordered(office)

    class Overtaken:
        load = office.export_jobs.load

        async def save(self, _job):
            raise Raced

    late = replace(exports, jobs=Overtaken())
    assert await late.look(number) == office.now + LEASE
    assert channel.said == []


def test_a_mail_takes_what_graph_takes():
    assert parts.MOST_MAILED * 4 / 3 < 4 * 1024 * 1024

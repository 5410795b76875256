"""Uploads to OneDrive, where they may go, and what becomes of them when OneDrive fails."""

from dataclasses import replace

import aiohttp
import pytest

from bot.channel.files import CHUNK, TRIES, Files, NotUploadedError, consent_of, is_place_of_files, parse_consent
from bot.domain.export_desk import Offer
from bot.domain.export_jobs import Place
from tests.channel.local_framework import payload
from tests.stories.onedrive import running_onedrive

OFFER = Offer("ab" * 16, "2026-11 TEAMS", "sme-requests.xlsx", 20_300, "An Excel file")
INFO = {"contentUrl": "https://a.example/f", "name": "f.xlsx", "uploadUrl": "https://a.example/u?x=1", "uniqueId": "1",
        "fileType": "xlsx"}  # fmt: skip


@pytest.fixture
async def drive():
    async with running_onedrive() as running:
        yield running


@pytest.fixture
def pauses():
    return []


@pytest.fixture
async def uploads(pauses):
    async def pause(seconds):
        pauses.append(seconds)

    async with aiohttp.ClientSession() as session:
        yield Files(None, None, session, local=True, sleep=pause)


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "requests.xlsx"
    made.write_bytes(bytes(range(256)) * (2 * CHUNK // 256) + b"end")
    return made


async def nothing():
    """Hold no lease."""


async def upload(uploads, drive, path, still_here=nothing):
    await uploads.upload(drive.place()["uploadUrl"], path, still_here)


@pytest.mark.parametrize("url", [
    "https://contoso-my.sharepoint.com/personal/x/_api/v2.0/drive/items/01/uploadSession?guid='a'&tempauth=v1.eyJ~-_",
    "https://contoso.sharepoint.com:443/x",
    "https://CONTOSO.sharepoint.COM/x%20y",
])  # fmt: skip
def test_files_go_to_named_hosts_by_https(url):
    assert is_place_of_files(url, local=False)


@pytest.mark.parametrize("url", [
    "", "x", "https://", "https://contoso.sharepoint.com", "//contoso.sharepoint.com/x", "file:///etc/passwd",
    "http://contoso.sharepoint.com/x", "https://contoso.sharepoint.com:444/x", "https://contoso.sharepoint.com:0443x/",
    "https://a@contoso.sharepoint.com/x", "https://a:b@contoso.sharepoint.com/x", "https://intranet/x",
    "https://127.0.0.1/x", "https://2130706433/x", "https://0x7f.0.0.1/x", "https://127.1/x", "https://[::1]/x",
    "https://[::ffff:10.0.0.1]/x", "https://10.0.0.1./x", "https://localhost/x", "https://a.localhost/x",
    "https://printer.local/x", "https://metadata.google.internal/x", "https://a..b/x", "https://.a.b/x",
    "https://a.b\\@contoso.sharepoint.com/x", "https://a.example/x#y", "https://a.example/x y", "https://a.example/\n",
    "https://ä.example/x", "https://a.example\t/x", " https://a.example/x",
])  # fmt: skip
def test_files_go_nowhere_else(url):
    assert not is_place_of_files(url, local=False)


@pytest.mark.parametrize(("url", "is_one"), [
    ("http://127.0.0.1:8080/x", True), ("http://localhost:1/x", True), ("http://[::1]:80/x", True),
    ("http://10.0.0.1/x", False), ("http://contoso.example/x", False), ("https://contoso.example/x", True),
])  # fmt: skip
def test_in_local_mode_this_machine_takes_files_too(url, is_one):
    assert is_place_of_files(url, local=True) is is_one


def test_an_answer_is_read_with_its_place():
    asked = consent_of(OFFER)
    assert (asked["description"], asked["sizeInBytes"]) == ("An Excel file", 20_300)
    told = {"type": "fileUpload", "context": asked["acceptContext"], "uploadInfo": INFO}
    accepted = parse_consent(told | {"action": "accept"})
    assert (accepted.token, accepted.words) == (OFFER.token, OFFER.words)
    assert accepted.place == Place("https://a.example/u?x=1", "https://a.example/f", "f.xlsx", "1", "xlsx")
    assert parse_consent(told | {"action": "decline"}) == replace(accepted, place=None)


@pytest.mark.parametrize("info", [None, [], "x", {}, {"uploadUrl": 7}, {"uploadUrl": "https://a/" + "x" * 5_000}])
def test_a_place_that_cannot_be_read_is_one_that_takes_nothing(info):
    told = {"type": "fileUpload", "action": "accept", "context": consent_of(OFFER)["acceptContext"], "uploadInfo": info}
    place = parse_consent(told).place
    assert place == Place()
    assert not is_place_of_files(place.upload_url, local=True)


async def test_a_file_goes_in_parts_and_comes_whole(uploads, drive, path):
    told = []

    async def still_here():
        told.append(len(drive.parts))

    await upload(uploads, drive, path, still_here)
    size = path.stat().st_size
    assert [part for part, _ in drive.parts] == [
        f"bytes 0-{CHUNK - 1}/{size}", f"bytes {CHUNK}-{2 * CHUNK - 1}/{size}", f"bytes {2 * CHUNK}-{size - 1}/{size}",
    ]  # fmt: skip
    assert drive.files["requests.xlsx"] == path.read_bytes()
    assert told == [0, 1, 2]
    assert CHUNK % (320 * 1024) == 0


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 416])
async def test_what_is_refused_midway_is_not_tried_again(uploads, drive, path, pauses, status):
    drive.fails_with = (1, status)
    with pytest.raises(NotUploadedError, match=str(status)):
        await upload(uploads, drive, path)
    assert (len(drive.parts), pauses) == (2, [])


async def test_what_fails_midway_is_tried_again_for_a_while(uploads, drive, path, pauses):
    drive.fails_with = (1, 503)
    with pytest.raises(NotUploadedError, match="503"):
        await upload(uploads, drive, path)
    assert (len(drive.parts), pauses) == (1 + TRIES, [1.0, 2.0])


async def test_a_part_that_fails_once_arrives(drive, path):
    drive.fails_with = (1, 500)

    async def recover(_seconds):
        drive.fails_with = None

    async with aiohttp.ClientSession() as session:
        await upload(Files(None, None, session, local=True, sleep=recover), drive, path)
    assert drive.files["requests.xlsx"] == path.read_bytes()
    assert len(drive.parts) == 4


async def test_a_place_that_does_not_answer_is_a_failure(uploads, path, free_port):
    with pytest.raises(NotUploadedError, match="no answer"):
        await uploads.upload(f"http://127.0.0.1:{free_port}/upload/x", path, nothing)


async def test_the_last_part_counts_only_when_the_file_is_there(uploads, drive, path):
    drive.fails_with = (2, 202)
    with pytest.raises(NotUploadedError, match="202"):
        await upload(uploads, drive, path)


async def test_nothing_is_sent_to_a_place_that_is_none(uploads, drive, path):
    with pytest.raises(NotUploadedError):
        await uploads.upload(drive.place()["uploadUrl"].replace("127.0.0.1", "10.0.0.1"), path, nothing)
    assert drive.parts == []


def test_the_answers_of_teams_are_read():
    accepted, declined = (parse_consent(payload(f"file-consent-{action}")["value"]) for action in ("accept", "decline"))
    assert accepted.words == declined.words == "2026-11 TEAMS"
    assert is_place_of_files(accepted.place.upload_url, local=False)
    assert is_place_of_files(accepted.place.content_url, local=False)
    assert declined.place is None

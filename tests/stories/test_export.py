"""Exports in the chat: a file for OneDrive or by mail, for those who may have it and what they may have."""

import asyncio
import csv
import io
import zipfile

import openpyxl
import pytest

from bot.domain.export_jobs import LEASE
from bot.exports import SUBJECT
from tests.stories.journey import submitted
from tests.stories.onedrive import running_onedrive
from tests.stories.running_bot import Bot, bot_process
from tests.teams import PATIENCE, running_teams

CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"


@pytest.fixture
async def drive():
    async with running_onedrive() as running:
        yield running


async def two_partners(bot):
    """Let two partners ask; return the two numbers."""
    dana, _lee, joshua, _renee = await bot.people("Dana Reyes", "Lee Park", "Joshua Whitfield", "Renee Carter")
    return await submitted(dana), await submitted(joshua)


async def asked(person, words="export"):
    """Type the command; return the message that asks where the file may go."""
    await person.say(words)
    await person.until(lambda: any(m.files for m in person.chat), f"{person.name} is asked nothing")
    message = next(m for m in reversed(person.chat) if m.files)
    assert message.files[0]["contentType"] == CONSENT
    return message


def answer(person, message, action, place=None, **context):
    """Return the answer that Teams sends when a person presses a button of the question."""
    content = message.files[0]["content"]
    value = {"type": "fileUpload", "action": action, "context": {**content[f"{action}Context"], **context}}
    if place:
        value["uploadInfo"] = place
    return person.activity(type="invoke", name="fileConsent/invoke", value=value, replyToId=message.id)


async def answered(bot, person, message, action, place=None, **context):
    """Answer the question, and wait until what it leads to is done."""
    assert await person.deliver(answer(person, message, action, place, **context)) is None
    await bot.advance()


def numbers_in_workbook(content):
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Requests"]
    return {row[0].value for row in sheet.iter_rows(min_row=2)}


def mailed(bot, person):
    return [mail for mail in bot.mails() if mail["Subject"] == SUBJECT and mail["To"] == person.email]


def numbers_in_mail(mail):
    (enclosed,) = mail.iter_attachments()
    with zipfile.ZipFile(io.BytesIO(enclosed.get_content())) as archive:
        text = archive.read("requests.csv").decode("utf-8")
    return {row["number"] for row in csv.DictReader(io.StringIO(text))}


def shown_files(person):
    return [m.files[0] for m in person.chat if m.files and m.files[0]["contentType"] == INFO]


async def test_the_programme_team_gets_every_request_into_its_onedrive(bot, drive):
    both = await two_partners(bot)
    (samira,) = await bot.people("Samira Haddad")
    message = await asked(samira)
    offered = message.files[0]
    assert offered["name"].startswith("sme-requests-2")
    assert offered["content"]["description"] == "An Excel file of all requests, about 2"
    assert offered["content"]["sizeInBytes"] > 0
    await answered(bot, samira, message, "accept", drive.place())
    assert numbers_in_workbook(drive.files["requests.xlsx"]) == set(both)
    (shown,) = shown_files(samira)
    assert (shown["name"], shown["contentUrl"]) == ("requests.xlsx", drive.place()["contentUrl"])
    assert shown["content"] == {"uniqueId": drive.place()["uniqueId"], "fileType": "xlsx"}
    assert message.words == "Your file is ready, with 2 requests: all requests."
    assert mailed(bot, samira) == []


async def test_the_file_goes_as_it_is_told_and_without_the_bots_token(bot, drive):
    await two_partners(bot)
    (samira,) = await bot.people("Samira Haddad")
    await answered(bot, samira, await asked(samira), "accept", drive.place())
    size = len(drive.files["requests.xlsx"])
    assert drive.parts == [(f"bytes 0-{size - 1}/{size}", "tempauth=v1%2Eeyx")]
    assert [headers.get("Authorization") for headers in drive.headers] == [None]


async def test_filters_are_typed_and_said_again(bot, drive):
    _, fabrikams = await two_partners(bot)
    (samira,) = await bot.people("Samira Haddad")
    message = await asked(samira, "export fabrikam teams submitted")
    assert "submitted requests of FABRIKAM for TEAMS" in message.files[0]["content"]["description"]
    await answered(bot, samira, message, "accept", drive.place())
    assert numbers_in_workbook(drive.files["requests.xlsx"]) == {fabrikams}


async def test_a_word_that_means_nothing_is_named(bot):
    (samira,) = await bot.people("Samira Haddad")
    assert "I do not understand 2026-13." in await samira.say("export 2026-13")


async def test_an_fpm_gets_the_own_slice_whatever_the_answer_claims(bot, drive):
    contosos, _ = await two_partners(bot)
    lee = bot.teams.person("Lee Park")
    message = await asked(lee)
    await answered(bot, lee, message, "accept", drive.place(), words="FABRIKAM CONTOSO", fpm="", role="program")
    assert numbers_in_workbook(drive.files["requests.xlsx"]) == {contosos}


@pytest.mark.parametrize("name", ["Dana Reyes", "Ana Souza", "Kofi Mensah"])
async def test_other_roles_get_nothing_by_typing_or_by_a_forged_answer(bot, drive, name):
    await two_partners(bot)
    (samira, other) = await bot.people("Samira Haddad", name)
    assert "Exports are for FPMs and the programme team." in await other.say("export")
    stolen = answer(other, await asked(samira), "accept", drive.place())
    assert await other.deliver(stolen) is None
    await bot.advance()
    await other.sees("Exports are for FPMs and the programme team.")
    assert (drive.files, mailed(bot, other)) == ({}, [])


async def test_a_stranger_gets_nothing(bot, drive):
    await two_partners(bot)
    (samira,) = await bot.people("Samira Haddad")
    stranger = bot.teams.stranger("Robin Doe", samira.tenant_id, "99999999-aaaa-4aaa-8aaa-0000000000ff")
    assert await stranger.deliver(answer(stranger, await asked(samira), "accept", drive.place())) == {}
    await bot.advance()
    assert drive.files == {}


async def test_an_answer_that_comes_again_is_answered_once(bot, drive):
    await two_partners(bot)
    (samira,) = await bot.people("Samira Haddad")
    message = await asked(samira)
    twice = answer(samira, message, "accept", drive.place())
    later = answer(samira, message, "accept", drive.place("again.xlsx")), answer(samira, message, "decline")
    for each in (twice, twice):
        assert await samira.deliver(each) is None
    await bot.advance()
    for each in (twice, *later):
        assert await samira.deliver(each) is None
    await bot.advance()
    assert list(drive.files) == ["requests.xlsx"]
    assert len(drive.parts) == len(shown_files(samira)) == 1
    assert mailed(bot, samira) == []


async def test_whoever_wants_no_file_in_teams_gets_it_by_mail(bot):
    both = await two_partners(bot)
    (samira,) = await bot.people("Samira Haddad")
    message = await asked(samira)
    await answered(bot, samira, message, "decline")
    (mail,) = mailed(bot, samira)
    assert numbers_in_mail(mail) == set(both)
    assert "2 requests: all requests." in mail.get_body(("plain",)).get_content()
    assert message.words == "Your file was mailed to you, with 2 requests: all requests."


async def test_a_file_can_be_asked_for_by_mail(bot):
    contosos, _ = await two_partners(bot)
    lee = bot.teams.person("Lee Park")
    await lee.say("export by mail TEAMS")
    await bot.advance()
    assert lee.chat[-1].words == "Your file was mailed to you, with 1 request: your requests for TEAMS."
    (mail,) = mailed(bot, lee)
    assert numbers_in_mail(mail) == {contosos}


@pytest.mark.parametrize("failure", [(0, 403), (0, 404), (0, 302), (0, 416)])
async def test_a_file_that_onedrive_does_not_take_is_mailed_and_said_so(bot, drive, failure):
    both = await two_partners(bot)
    (samira,) = await bot.people("Samira Haddad")
    drive.fails_with = failure
    message = await asked(samira)
    await answered(bot, samira, message, "accept", drive.place())
    (mail,) = mailed(bot, samira)
    assert numbers_in_mail(mail) == set(both)
    assert message.words.startswith("Teams did not take the file, so it was mailed to you, with 2 requests")
    assert len(drive.parts) == 1, "a redirect is not followed"
    assert shown_files(samira) == []


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "ftp://contoso.sharepoint.com/x",
        "http://contoso.sharepoint.com/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://someone@contoso.sharepoint.com/x",
        "https://localhost.localdomain@127.0.0.1/x",
        "https://contoso.sharepoint.com:8443/x",
        "https://intranet/x",
    ],
)
async def test_a_place_that_is_none_takes_nothing(bot, drive, url):
    await two_partners(bot)
    (samira,) = await bot.people("Samira Haddad")
    await answered(bot, samira, await asked(samira), "accept", drive.place() | {"uploadUrl": url})
    assert len(mailed(bot, samira)) == 1
    assert (drive.files, shown_files(samira)) == ({}, [])


@pytest.mark.parametrize(
    "value",
    [
        None, [], "text", {}, {"type": "fileUpload"}, {"type": "fileUpload", "action": "accept"},
        {"type": "fileUpload", "action": "accept", "context": {"export": "x", "words": ""}},
        {"type": "fileUpload", "action": "accept", "context": {"export": "0" * 32, "words": ["x"]}},
        {"type": "fileUpload", "action": "accept", "context": {"export": "0" * 32, "words": "A" * 5_000}},
        {"type": "fileUpload", "action": ["accept"], "context": {"export": "0" * 32, "words": ""}},
    ],
)  # fmt: skip
async def test_answers_that_are_none_do_nothing(bot, value):
    (samira,) = await bot.people("Samira Haddad")
    before = bot.rows()
    status, _ = await bot.teams.deliver(samira.activity(type="invoke", name="fileConsent/invoke", value=value))
    assert status in {200, 400}
    await bot.advance()
    assert bot.rows() == before


async def test_where_there_is_nothing_to_export_it_is_said(bot, drive):
    (samira,) = await bot.people("Samira Haddad")
    message = await asked(samira, "export 2020-01")
    await answered(bot, samira, message, "accept", drive.place())
    assert message.words == "There is no request to export: all requests submitted in 2020-01."
    assert drive.files == {}


async def test_a_file_over_which_the_process_dies_is_made_by_the_next_one(tmp_path, free_port, drive):
    async with running_teams() as teams:
        bot = Bot(teams, tmp_path)
        drive.held = asyncio.Event()
        async with bot_process(bot, free_port) as process:
            both = await two_partners(bot)
            (samira,) = await bot.people("Samira Haddad")
            message = await asked(samira)
            assert await samira.deliver(answer(samira, message, "accept", drive.place())) is None
            async with asyncio.timeout(PATIENCE):
                await drive.arrived.wait()
            process.kill()
        drive.held.set()
        drive.held, drive.files = None, {}
        async with bot_process(bot, free_port):
            await bot.advance(LEASE.total_seconds())
            await samira.sees("Your file is ready, with 2 requests: all requests.")
    assert numbers_in_workbook(drive.files["requests.xlsx"]) == set(both)
    assert len(shown_files(samira)) == 1

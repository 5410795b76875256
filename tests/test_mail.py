"""Mail as files: one for each mail, whole, readable, and never twice for the same key."""

import email.policy
from email import message_from_bytes

import pytest

from bot.calendars import HolidayCalendars
from bot.domain.ports import Enclosure
from bot.mail import FolderMail, NoMail


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out" / "mail"


def mails(folder):
    assert {file.suffix for file in folder.iterdir()} == {".eml"}
    return [message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in sorted(folder.iterdir())]


async def test_a_mail_is_a_file_that_a_mail_program_reads(folder):
    await FolderMail(folder).send("key", "dana@contoso.example", "Approved", "Lee approved.\nKofi calls you.")
    (mail,) = mails(folder)
    assert (mail["To"], mail["Subject"]) == ("dana@contoso.example", "Approved")
    assert mail["From"].addresses[0].domain == "sme-requests.example"
    assert mail["Message-ID"].endswith("@sme-requests.example>")
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines() == ["Lee approved.", "Kofi calls you."]


async def test_the_same_key_again_is_the_same_mail(folder):
    for _ in range(2):
        await FolderMail(folder).send("a", "dana@contoso.example", "Approved", "Lee approved.")
    await FolderMail(folder).send("b", "dana@contoso.example", "Approved", "Lee approved.")
    first, second = mails(folder)
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize(
    "text",
    [
        "Zażółć gęślą jaźń, 漢字, 🙂",
        "漢" * 2_000,
        "\n".join(["漢" * 1_200] * 20),
        "accept " + "k" * 900,
        "From the start\n.\n..\nthe end",
    ],
)
async def test_texts_of_any_script_and_length_arrive_unbroken(folder, text):
    await FolderMail(folder).send("key", "dana@contoso.example", text.split("\n")[0], text)
    (mail,) = mails(folder)
    assert mail.get_content().splitlines() == text.split("\n")
    assert mail["Subject"].replace(" ", "") == text.split("\n")[0].replace(" ", "")


async def test_a_subject_cannot_bring_a_header_in(folder):
    await FolderMail(folder).send("key", "dana@contoso.example", "Hello\r\nBcc: all@contoso.example", "Text")
    (mail,) = mails(folder)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hello Bcc: all@contoso.example"


@pytest.mark.parametrize(
    "address",
    ["dana@contoso.example", "jörg.müller@contoso.example", "o'neil+sme@contoso.example", "a.b@münchen.example"],
)
async def test_the_address_stands_as_it_was_given(folder, address):
    await FolderMail(folder).send("key", address, "Approved", "Lee approved.")
    (mail,) = mails(folder)
    assert [each.addr_spec for each in mail["To"].addresses] == [address]


async def test_a_folder_that_cannot_be_written_is_an_error_of_the_system(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match="file"):
        await FolderMail(tmp_path / "file" / "mail").send("key", "dana@contoso.example", "Approved", "Lee approved.")


async def test_without_mail_every_mail_fails():
    with pytest.raises(OSError, match="mail is not set up"):
        await NoMail().send("key", "dana@contoso.example", "Approved", "Lee approved.")


def test_a_calendar_has_the_holidays_of_the_country():
    calendar = HolidayCalendars().calendar("Europe/Berlin", "DE")
    assert calendar.zone.key == "Europe/Berlin"
    assert {day.isoformat() for day in calendar.holidays} >= {"2026-10-03", "2026-12-25", "2030-01-01"}


def test_a_calendar_without_a_country_has_no_holidays():
    assert HolidayCalendars().calendar("UTC", "").holidays == frozenset()


def test_a_country_that_announces_holidays_late_has_a_calendar_all_the_same():
    assert HolidayCalendars().calendar("Asia/Hong_Kong", "HK").holidays


async def test_a_file_goes_with_a_mail(folder):
    content = bytes(range(256))
    await FolderMail(folder).send("key", "dana@contoso.example", "Export", "Here.", Enclosure("päck.zip", content))
    (mail,) = mails(folder)
    (enclosed,) = mail.iter_attachments()
    assert (enclosed.get_filename(), enclosed.get_content()) == ("päck.zip", content)
    assert mail.get_body(("plain",)).get_content().strip() == "Here."

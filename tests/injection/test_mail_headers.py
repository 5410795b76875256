"""A subject, a customer or an address cannot bring a header, a recipient or a body into a mail."""

import email.policy
from email import message_from_bytes

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channel.graph import Graph, GraphMail
from bot.domain.directory_cells import an_email
from bot.domain.errors import Mistake
from bot.domain.kinds import Email
from bot.mail import FolderMail
from tests.injection.corpora import ADDRESSES, SUBJECTS
from tests.injection.hostile_directory import directory_named
from tests.stories.journey import submitted
from tests.stories.running_bot import running_bot

HEADERS = ["From", "To", "Subject", "Message-ID", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
TO = "dana@contoso.example"
TEXT = "Lee approved.\nKofi calls you."
# What the form takes as a customer's name, the whole of it.
CUSTOMERS = [" ".join(subject.split())[:120] for subject in SUBJECTS]


class FixedTokens:
    healthy = True

    async def token(self, scope, *, renew=False):
        return "token"


async def graph_is_sent(subject):
    """Return path and body of the call by which a mail with this subject goes out."""
    asked = []

    async def send_mail(request):
        asked.append((request.path, await request.json()))
        return web.Response(status=202)

    service = web.Application()
    service.router.add_post("/{path:.*}", send_mail)
    async with TestServer(service) as server, aiohttp.ClientSession() as session:
        graph = Graph(str(server.make_url("/")), FixedTokens(), session)
        await GraphMail(graph, "sme@fasttrack.example").send("key", TO, subject, TEXT)
    (call,) = asked
    return call


def as_typed(subject):
    """Return a subject as people type and read it: on one line, and without the joiner that nobody sees."""
    return " ".join(subject.replace("\u2060", "").split())


def without_spaces(subject):
    """Return what stays the same wherever a mail program folds a long line."""
    return "".join(as_typed(subject).split())


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_a_subject_stays_the_subject_of_a_mail_file(tmp_path, subject):
    await FolderMail(tmp_path).send("key", TO, subject, TEXT)

    (file,) = tmp_path.iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert mail.keys() == HEADERS
    assert [each.addr_spec for each in mail["To"].addresses] == [TO]
    assert mail.get_content().splitlines() == TEXT.splitlines()
    assert without_spaces(mail["Subject"]) == without_spaces(subject)


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_a_subject_stays_the_subject_of_what_graph_is_sent(subject):
    path, body = await graph_is_sent(subject)
    assert path == "/v1.0/users/sme@fasttrack.example/sendMail"
    assert body.keys() == {"message", "saveToSentItems"}
    assert body["message"].keys() == {"subject", "body", "toRecipients"}
    assert body["message"]["toRecipients"] == [{"emailAddress": {"address": TO}}]
    assert body["message"]["body"] == {"contentType": "Text", "content": TEXT}
    assert body["message"]["subject"].splitlines() == [as_typed(subject)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_neither_the_form_nor_the_directory_takes_anything_but_one_address(address):
    with pytest.raises(Mistake):
        Email().parse(address, {})
    with pytest.raises(Mistake):
        an_email(address)


@pytest.mark.parametrize("address", ["o'neil+sme@contoso.example", "a%b@contoso.example", "-x_y.z@sub.contoso.example"])
async def test_an_address_with_unusual_signs_is_one_recipient(tmp_path, address):
    await FolderMail(tmp_path).send("key", Email().parse(address, {}), "Approved", TEXT)

    (file,) = tmp_path.iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert [each.addr_spec for each in mail["To"].addresses] == [address]


async def test_a_customers_name_stays_in_the_subject_of_the_mail_to_an_fpm_who_cannot_be_reached(tmp_path):
    """The way of an attack: a requester types it, and the bot mails it to somebody in the programme."""
    directory_named(tmp_path / "directory", iter(CUSTOMERS))
    async with running_bot(tmp_path, SME_DIRECTORY=str(tmp_path / "directory")) as bot:
        (dana,) = await bot.people("Dana Reyes")
        numbers = {}
        for customer in CUSTOMERS:
            await bot.advance(61)
            numbers[await submitted(dana, tenant_name=customer)] = customer

        mails = {number: mail for mail in bot.mails() for number in numbers if number in mail["Subject"]}

        assert {number: mail.keys() for number, mail in mails.items() if mail.keys() != HEADERS} == {}
        for number, customer in numbers.items():
            (to,) = [each.addr_spec for each in mails[number]["To"].addresses]
            assert to == "lee.park@fasttrack.example"
            assert without_spaces(f"{number} for {customer}:") in without_spaces(mails[number]["Subject"])

"""Mail through Graph, and how Graph is called, against a stand-in on loopback with tokens that it checks."""

import asyncio
from base64 import b64decode

import pytest

from bot.channel.connector import Kind
from bot.channel.credentials import MsalTokens, Secret
from bot.channel.graph import HELD, PERMISSIONS, WIDER, Graph, GraphMail, permissions_for
from bot.domain.ports import Enclosure, MailHeldError
from tests.channel.graph_stand_in import CATALOGUE, SEND_MAIL
from tests.recorder import Recorder

SENDER, DANA = "sme@fasttrack.example", "dana@contoso.example"
ANY_APP = {"$filter": "externalId eq 'x'"}


class Seconds:
    """A clock that stands still until it is told to go on."""

    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
async def graph(graph_service, sign_in, session, seconds):
    tokens = MsalTokens(app_id="app", tenant_id="home", authority=sign_in.authority, credential=Secret("hush"))
    yield Graph(graph_service.url + "/", tokens, session, seconds)
    await tokens.close()


@pytest.fixture
def mail(graph):
    return GraphMail(graph, SENDER)


async def test_a_mail_goes_out_from_the_programmes_mailbox(mail, graph_service):
    await mail.send("key", DANA, "A\r\nBcc: x@evil.example", "Hello")
    [(sender, message)] = graph_service.mails
    assert sender == SENDER
    assert message["toRecipients"] == [{"emailAddress": {"address": DANA}}]
    assert message["subject"] == "A Bcc: x@evil.example"
    assert message["body"] == {"contentType": "Text", "content": "Hello"}


async def test_a_file_goes_with_a_mail(mail, graph_service):
    await mail.send("key", DANA, "A", "Hello", Enclosure("a.zip", b"\x00\xff"))
    [(_, message)] = graph_service.mails
    (enclosed,) = message["attachments"]
    assert (enclosed["@odata.type"], enclosed["name"]) == ("#microsoft.graph.fileAttachment", "a.zip")
    assert b64decode(enclosed["contentBytes"]) == b"\x00\xff"


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 500])
async def test_a_mail_that_graph_does_not_take_is_an_error(mail, graph_service, status):
    graph_service.answer_next(SEND_MAIL, *[(status, {}, {})] * 2)
    with pytest.raises(OSError, match=str(status)) as raised:
        await mail.send("key", DANA, "A", "Hello")
    assert not isinstance(raised.value, MailHeldError)


@pytest.mark.parametrize(("status", "told", "asked"), [(429, "90", 90), (503, "30", 30), (429, "", 1), (503, "", 1)])
async def test_a_mail_says_how_long_graph_wants_peace(mail, graph_service, status, told, asked):
    graph_service.answer_next(SEND_MAIL, (status, {"Retry-After": told} if told else {}, {}))
    with pytest.raises(MailHeldError, match=str(status)) as raised:
        await mail.send("key", DANA, "A", "Hello")
    assert raised.value.retry_after == asked


async def test_without_a_token_graph_is_not_even_asked(mail, graph_service, sign_in):
    sign_in.fault = 500
    with pytest.raises(OSError, match="NoToken"):
        await mail.send("key", DANA, "A", "Hello")
    assert graph_service.calls == []


async def test_a_graph_that_hangs_up_is_an_error(mail, graph_service):
    graph_service.answer_next(SEND_MAIL, "reset")
    with pytest.raises(OSError, match="NoAnswer"):
        await mail.send("key", DANA, "A", "Hello")


async def test_while_graph_wants_peace_nothing_is_asked_of_it(graph, mail, graph_service, seconds):
    graph_service.answer_next(SEND_MAIL, (429, {"Retry-After": "90"}, {}))
    with pytest.raises(MailHeldError):
        await mail.send("key", DANA, "A", "Hello")
    seconds.now += 89
    held = await graph.get(("appCatalogs", "teamsApps"), ANY_APP)
    assert (held.kind, held.code, held.retry_after) == (Kind.THROTTLED, HELD, 1)
    with pytest.raises(MailHeldError):
        await mail.send("key", DANA, "A", "Hello")
    assert graph_service.calls == [SEND_MAIL]
    seconds.now += 1
    assert (await graph.get(("appCatalogs", "teamsApps"), ANY_APP)).ok
    await mail.send("key", DANA, "A", "Hello")
    assert len(graph_service.mails) == 1


async def test_a_shorter_peace_does_not_end_a_longer_one(graph, graph_service, seconds):
    async def ask():
        return await graph.get(("appCatalogs", "teamsApps"), ANY_APP)

    # Both are under way before either is answered.
    graph_service.answer_next(CATALOGUE, (429, {"Retry-After": "90"}, {}), (429, {"Retry-After": "5"}, {}))
    await asyncio.gather(ask(), ask())
    seconds.now += 89
    assert (await ask()).code == HELD


async def test_a_refused_token_is_renewed_once(graph, graph_service, sign_in):
    graph_service.refused_tokens = {"token-1"}
    assert (await graph.get(("appCatalogs", "teamsApps"), ANY_APP)).ok
    assert graph_service.calls == [CATALOGUE, CATALOGUE]
    assert len(sign_in.forms) == 2


async def test_an_odd_name_is_still_one_part_of_the_path(graph, graph_service):
    await GraphMail(graph, "s/m?e#%41@fasttrack.example").send("key", DANA, "A", "Hello")
    assert [sender for sender, _ in graph_service.mails] == ["s/m?e#%41@fasttrack.example"]


def test_each_permission_has_a_reason_and_is_asked_for_only_where_it_is_needed():
    assert set(permissions_for(mails=True, installs=False)) == {"Mail.Send"}
    assert permissions_for(mails=True, installs=True) == PERMISSIONS
    assert set(permissions_for(mails=False, installs=True)) == PERMISSIONS.keys() - {"Mail.Send"}
    assert permissions_for(mails=False, installs=False) == {}
    assert all(PERMISSIONS.values())
    assert WIDER.keys() <= PERMISSIONS.keys()


async def test_a_call_is_traced_without_whom_it_is_about(graph_service, sign_in, session):
    recorder = Recorder()
    tokens = MsalTokens(app_id="app", tenant_id="home", authority=sign_in.authority, credential=Secret("hush"))
    graph = Graph(graph_service.url, tokens, session, telemetry=recorder.telemetry)
    with recorder.telemetry.activity():
        await GraphMail(graph, SENDER).send("key", DANA, "Approved", "Hello")
        await graph.get(("appCatalogs", "teamsApps"), {"$filter": "externalId eq 'x'"})
    assert [span.name for span in recorder.spans()][:2] == [
        "POST /users/{id}/sendMail", "GET /appCatalogs/teamsApps",
    ]  # fmt: skip
    told = recorder.everything()
    assert [word for word in (SENDER, DANA, "Approved", "Hello", "externalId") if word in told] == []
    await recorder.close()
    await tokens.close()

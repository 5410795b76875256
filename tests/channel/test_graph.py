"""Mail through Graph, against a stand-in on loopback."""

from base64 import b64decode
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channel.graph import GraphMail
from bot.channel.guarded import NoTokenError
from bot.domain.ports import Enclosure


class FixedTokens:
    healthy = True

    async def token(self, scope, *, renew=False):
        return f"token for {scope}"


class NoTokens:
    healthy = False

    async def token(self, scope, *, renew=False):
        raise NoTokenError(scope)


@asynccontextmanager
async def graph(status, tokens):
    """Yield mail over a Graph that answers `status`, and what Graph was asked."""
    asked = []

    async def send_mail(request):
        asked.append((request.path, request.headers["Authorization"], await request.json()))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/v1.0/users/{sender}/sendMail", send_mail)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield GraphMail(str(server.make_url("/")), "sme@fasttrack.example", tokens, session), asked


async def test_a_mail_goes_out_from_the_programmes_mailbox():
    async with graph(202, FixedTokens()) as (mail, asked):
        await mail.send("key", "dana@contoso.example", "A\r\nBcc: x@evil.example", "Hello")
    path, authorization, body = asked[0]
    assert path == "/v1.0/users/sme@fasttrack.example/sendMail"
    assert authorization == "Bearer token for https://graph.microsoft.com/.default"
    assert body["message"]["toRecipients"] == [{"emailAddress": {"address": "dana@contoso.example"}}]
    assert body["message"]["subject"] == "A Bcc: x@evil.example"
    assert body["message"]["body"] == {"contentType": "Text", "content": "Hello"}


@pytest.mark.parametrize("status", [400, 401, 403, 429, 503])
async def test_a_mail_that_graph_does_not_take_is_an_error(status):
    async with graph(status, FixedTokens()) as (mail, _):
        with pytest.raises(OSError, match=str(status)):
            await mail.send("key", "dana@contoso.example", "A", "Hello")


async def test_without_a_token_graph_is_not_even_asked():
    async with graph(202, NoTokens()) as (mail, asked):
        with pytest.raises(OSError, match="NoTokenError"):
            await mail.send("key", "dana@contoso.example", "A", "Hello")
    assert asked == []


async def test_a_file_goes_with_a_mail():
    async with graph(202, FixedTokens()) as (mail, asked):
        await mail.send("key", "dana@contoso.example", "A", "Hello", Enclosure("a.zip", b"\x00\xff"))
    (enclosed,) = asked[0][2]["message"]["attachments"]
    assert (enclosed["@odata.type"], enclosed["name"]) == ("#microsoft.graph.fileAttachment", "a.zip")
    assert b64decode(enclosed["contentBytes"]) == b"\x00\xff"

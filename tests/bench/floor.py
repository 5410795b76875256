"""The form on nothing but aiohttp, PyJWT and a dict: the floor beneath which no bot in Python can be."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from os import environ
from typing import Any

import aiohttp
import jwt
from aiohttp import web

from bot.cards.pieces import Card
from bot.domain.form import page_before
from tests.bench.directory import made_people
from tests.bench.form import CARD_TYPE, Form, Kept, is_press_on, marker_of, new_card_key, new_form
from tests.bench.peer import PeerSettings, read_peer_settings, serve


@dataclass
class Floor:
    """Everything that the server holds; `chats` is its storage."""

    settings: PeerSettings
    form: Form = field(default_factory=lambda: Form(made_people()))
    chats: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, jwt.PyJWK] = field(default_factory=dict)

    async def prepared(self, _app: web.Application) -> AsyncIterator[None]:
        """Fetch keys and token once, and keep one session open."""
        trusted = ssl.create_default_context(cafile=environ["REQUESTS_CA_BUNDLE"])
        async with aiohttp.ClientSession() as self.session:
            async with self.session.get(self.settings.metadata) as found:
                keys_at = (await found.json())["jwks_uri"]
            async with self.session.get(keys_at) as found:
                self.keys.update({key["kid"]: jwt.PyJWK(key) for key in (await found.json())["keys"]})
            wanted = {"grant_type": "client_credentials", "client_id": self.settings.app_id}
            login = self.settings.login.rpartition("/")[0]
            async with self.session.post(f"{login}/oauth2/v2.0/token", data=wanted, ssl=trusted) as issued:
                self.bearer = {"Authorization": f"Bearer {(await issued.json())['access_token']}"}
            yield

    async def messages(self, request: web.Request) -> web.Response:
        activity = await request.json()
        token = request.headers["Authorization"].removeprefix("Bearer ")
        key = self.keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token, key, algorithms=["RS256"], issuer=self.settings.issuer, audience=self.settings.app_id
        )
        if claims["serviceurl"] != activity["serviceUrl"]:
            return web.Response(status=401)
        await self._answer(activity)
        return web.Response()

    async def _answer(self, activity: dict[str, Any]) -> None:
        person = self.form.person(activity["channelData"], activity["from"]["aadObjectId"])
        chat, value = self.chats.setdefault(activity["conversation"]["id"], new_form()), activity.get("value")
        if "stop" not in chat:
            await self._ask(activity, person, chat)
            return
        marker = marker_of(chat)
        if not is_press_on(marker, value):
            return
        outcome = self.form.take(person, chat["answers"], marker, value)
        if isinstance(outcome, Kept):
            await self._send("PUT", activity, outcome.card, activity["replyToId"])
            return
        if outcome.verb == "back":
            chat["asked"] = [page_before(marker["stop"])]
        await self._ask(activity, person, chat)
        await self._send("PUT", activity, outcome.line, activity["replyToId"])

    async def _ask(self, activity: dict[str, Any], person: Any, chat: dict[str, Any]) -> None:
        asked = chat["asked"]
        chat["stop"] = asked.pop() if asked else self.form.next_stop(person, chat["answers"])
        chat["card"] = new_card_key()
        await self._send("POST", activity, self.form.card(person, chat["answers"], marker_of(chat)))

    async def _send(self, method: str, activity: dict[str, Any], card: Card, activity_id: str = "") -> None:
        place = f"{activity['serviceUrl']}v3/conversations/{activity['conversation']['id']}/activities/{activity_id}"
        message = {"type": "message", "summary": card["speak"]}
        message["attachments"] = [{"contentType": CARD_TYPE, "content": card}]
        async with self.session.request(method, place.rstrip("/"), json=message, headers=self.bearer) as response:
            response.raise_for_status()


def application(settings: PeerSettings) -> web.Application:
    floor = Floor(settings)
    app = web.Application()
    app.router.add_post("/api/messages", floor.messages)
    app.cleanup_ctx.append(floor.prepared)
    return app


if __name__ == "__main__":
    settings_here = read_peer_settings()
    serve(application(settings_here), settings_here.port)

"""A Microsoft Graph on loopback that takes mail for one mailbox, as the bot sends it."""

import asyncio
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiohttp import web


@dataclass
class GraphMailbox:
    """Keeps what was sent; `asked_with` are the authorizations of those who sent it."""

    sender: str
    url: str = ""
    sent: list[EmailMessage] = field(default_factory=list)
    asked_with: list[str] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until_told(self, email: str) -> None:
        """Wait for a mail to somebody."""
        async with self.changed:
            await self.changed.wait_for(lambda: any(mail["To"] == email for mail in self.sent))

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1024 * 1024)
        app.router.add_post("/v1.0/users/{sender}/sendMail", self._take)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        authorization = request.headers.get("Authorization", "")
        if not authorization.startswith("Bearer "):
            return web.json_response({"error": {"code": "InvalidAuthenticationToken"}}, status=401)
        if request.match_info["sender"] != self.sender:
            return web.json_response({"error": {"code": "ErrorInvalidUser"}}, status=404)
        message = (await request.json())["message"]
        mail = EmailMessage()
        mail["To"] = message["toRecipients"][0]["emailAddress"]["address"]
        mail["Subject"] = message["subject"]
        mail.set_content(message["body"]["content"])
        async with self.changed:
            self.sent.append(mail)
            self.asked_with.append(authorization)
            self.changed.notify_all()
        return web.Response(status=202)

"""The Graph of the runs: the stand-in, with the mail that it took as messages to read and to wait for."""

import asyncio
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiohttp import web

from tests.channel.graph_stand_in import GraphStandIn


@dataclass
class GraphMailbox(GraphStandIn):
    """Keeps what was sent from any mailbox."""

    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def sent(self) -> list[EmailMessage]:
        return [_mail(message) for _, message in self.mails]

    async def until_told(self, email: str) -> None:
        """Wait for a mail to somebody."""
        async with self.changed:
            await self.changed.wait_for(lambda: any(mail["To"] == email for mail in self.sent))

    async def _send_mail(self, request: web.Request) -> web.Response:
        response = await super()._send_mail(request)
        async with self.changed:
            self.changed.notify_all()
        return response


def _mail(message: dict) -> EmailMessage:
    mail = EmailMessage()
    mail["To"] = message["toRecipients"][0]["emailAddress"]["address"]
    mail["Subject"] = message["subject"]
    mail.set_content(message["body"]["content"])
    return mail

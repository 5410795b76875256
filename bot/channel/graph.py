"""Mail from the programme's mailbox through Microsoft Graph."""

from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

import aiohttp

from bot.channel.credentials import TokenSource
from bot.channel.guarded import NoTokenError
from bot.domain.ports import Enclosure

SCOPE = "https://graph.microsoft.com/.default"

_FOR_MAIL = {"Mail.Send": "send mail from the programme's mailbox"}
_FOR_INSTALLATION = {
    "AppCatalog.Read.All": "find this app in the organisation's catalogue",
    "TeamsAppInstallation.ReadWriteSelfForUser.All": "install this app, and no other, for a person",
    "User.ReadBasic.All": "find the account of a person whose object id the directory does not have",
}
PERMISSIONS: Mapping[str, str] = _FOR_MAIL | _FOR_INSTALLATION
"""The application permissions that the bot uses, each the least one for what it is needed for."""
WIDER: Mapping[str, frozenset[str]] = {"User.ReadBasic.All": frozenset({"User.Read.All"})}
"""What does as well, as Microsoft names both for the same call."""


def permissions_for(*, mails: bool, installs: bool) -> Mapping[str, str]:
    """Return the permissions that an installation needs, with the reason for each."""
    return (_FOR_MAIL if mails else {}) | (_FOR_INSTALLATION if installs else {})


_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
_TIMEOUT_OF_A_FILE = aiohttp.ClientTimeout(total=60, connect=3)


class GraphMail:
    """Sends plain text as one user of the home tenant; needs the application permission Mail.Send for that mailbox.

    `graph_url` carries no version. Graph knows no key by which a repeated mail would be the same one.
    """

    def __init__(self, graph_url: str, sender: str, tokens: TokenSource, session: aiohttp.ClientSession) -> None:
        self._url = f"{graph_url.rstrip('/')}/v1.0/users/{quote(sender, safe='@')}/sendMail"
        self._tokens = tokens
        self._session = session

    async def send(
        self,
        key: str,  # noqa: ARG002 - the port's signature
        to: str,
        subject: str,
        text: str,
        enclosed: Enclosure | None = None,
    ) -> None:
        """Hand a mail over. Raises OSError when Graph did not take it."""
        message: dict[str, object] = {
            "subject": " ".join(subject.split()),
            "body": {"contentType": "Text", "content": text},
            "toRecipients": [{"emailAddress": {"address": to}}],
        }
        if enclosed:
            message["attachments"] = [_attachment(enclosed)]
        timeout = _TIMEOUT_OF_A_FILE if enclosed else _TIMEOUT
        try:
            headers = {"Authorization": f"Bearer {await self._tokens.token(SCOPE)}"}
            body = {"message": message, "saveToSentItems": True}
            async with self._session.post(
                self._url, json=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                if response.status != HTTPStatus.ACCEPTED:
                    raise OSError(f"Graph answered {response.status}")
        except (aiohttp.ClientError, TimeoutError, NoTokenError) as error:
            raise OSError(f"Graph could not be reached: {type(error).__name__}") from error


def _attachment(enclosed: Enclosure) -> dict[str, str]:
    return {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": enclosed.name,
        "contentType": "application/octet-stream",
        "contentBytes": b64encode(enclosed.content).decode("ascii"),
    }

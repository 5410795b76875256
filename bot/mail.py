"""Mail as one file a message, for local runs, tests and installations that hand the folder to a relay."""

import asyncio
import re
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from bot.domain.numbers import operation
from bot.domain.ports import Enclosure

# Lines of a mail may have 998 characters; below that no word of a text is broken.
_POLICY = SMTP.clone(max_line_length=998)
# A header is decoded where it holds an encoded word; with a word joiner in its mark a text is only what it says.
_BEFORE_A_MARK = re.compile(r"=(?=\?)")
_SENDER = "SME requests <no-reply@sme-requests.example>"


class FolderMail:
    """Writes one `.eml` file per mail; the same key again is the same file, so a repeated mail is one mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, key: str, to: str, subject: str, text: str, enclosed: Enclosure | None = None) -> None:
        message = EmailMessage(policy=_POLICY)
        message["From"] = _SENDER
        message["To"] = to
        message["Subject"] = _BEFORE_A_MARK.sub("=\u2060", " ".join(subject.split()))
        message["Message-ID"] = f"<{operation(key)}@sme-requests.example>"
        message.set_content(text)
        if enclosed:
            message.add_attachment(enclosed.content, "application", "octet-stream", filename=enclosed.name)
        await asyncio.to_thread(self._write, operation(key), message.as_bytes())

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f".{name}.part"
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / f"{name}.eml")


class NoMail:
    """Stands where no mail is set up: every mail fails, so that its notice is tried again and then parked."""

    async def send(self, *_mail: object, **_more: object) -> None:
        raise OSError("mail is not set up")

"""The mails of the folder that are to a person, or that name them."""

import email.policy
from collections.abc import Collection, Iterator
from email import message_from_bytes
from pathlib import Path

from state.traces import Traces

# A card shortens long texts: how they begin is enough to find them.
_BEGINNING = 60


def mails_about(folder: Path, traces: Traces, texts: Collection[str] = ()) -> Iterator[Path]:
    """Yield the mails that are to the person, name them, or hold one of these texts."""
    beginnings = [_joined(text)[:_BEGINNING] for text in texts]
    for file in sorted(folder.glob("*.eml")):
        words = _words(file)
        if traces.stand_in_text(words) or any(beginning in _joined(words) for beginning in beginnings):
            yield file


def _words(file: Path) -> str:
    try:
        message = message_from_bytes(file.read_bytes(), policy=email.policy.default)
    except FileNotFoundError:
        return ""  # A relay has taken it.
    body = message.get_body(("plain",))
    headers = (str(message[name] or "") for name in ("To", "Subject"))
    return "\n".join((*headers, str(body.get_content()) if body else ""))


def _joined(text: str) -> str:
    return " ".join(text.split())

"""Mail: that it can be handed over, and on demand that one is."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex

from bot.domain.ports import Mail
from bot.examination.finding import Finding, noted, to_mend
from bot.settings import Settings

_SUBJECT = "A test of the SME request bot"
_TEXT = "An administrator has asked the bot to send this mail, to see that it comes. There is nothing to do."
_FOLDER = "Give the bot's user the right to write there, or name another folder in SME_MAIL."
_BY_ANSWER = {
    "400": "Graph takes neither this address nor this sender: compare both.",
    "401": "Graph does not take the token: see the lines of Graph and sign-in.",
    "403": "The app may not send as this mailbox: have Exchange Online grant it, which takes up to two hours "
    "(deployment/README.md, Install).",
    "404": "There is no mailbox as SME_MAIL names it in the app's tenant.",
    "429": "Graph takes no more at the moment: try again later.",
}


async def mail_examined(settings: Settings) -> Sequence[Finding]:
    """Return whether mail can be written into the folder; a mailbox cannot be looked at without sending."""
    kind, _, value = settings.mail.partition(":")
    if kind == "folder":
        return [await asyncio.to_thread(_folder, Path(value))]
    if kind == "graph":
        is_so = "the sender's mailbox is not examined, as that needs a permission that nothing else needs"
        return [noted("mail", is_so, "Send a mail to see it: doctor --mail ADDRESS.")]
    return []


def _folder(folder: Path) -> Finding:
    standing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    try:
        if standing != folder:
            # The first mail makes it; it is not for the doctor to do so.
            is_writable = standing.is_dir() and os.access(standing, os.W_OK | os.X_OK)
            return Finding("mail", "the folder is made by the first mail") if is_writable else _unwritable("no folder")
        probe = folder / f".doctor-{token_hex(8)}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return _unwritable(type(error).__name__)
    return Finding("mail", "the folder can be written")


def _unwritable(why: str) -> Finding:
    return to_mend("mail", f"the folder cannot be written: {why}", _FOLDER)


async def mail_sent(mail: Mail, address: str) -> Sequence[Finding]:
    """Send one mail, and return whether it was taken."""
    try:
        await mail.send(f"doctor-{token_hex(8)}", address, _SUBJECT, _TEXT)
    except OSError as error:
        advice = _BY_ANSWER.get(str(error).rpartition(" ")[2], "See the lines of settings, Graph and sign-in.")
        return [to_mend("mail", f"the test was not taken: {error}", advice)]
    return [Finding("mail", f"the test to {address} was taken")]

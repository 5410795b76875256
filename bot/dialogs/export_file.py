"""Exports in the chat: a file is offered for the person's OneDrive, or ordered for the mail."""

import secrets
from collections.abc import Mapping

from bot.channel.files import consent_of
from bot.dialogs.forms import Forms
from bot.dialogs.turn import post_file_consent, text_in
from bot.domain.numbers import operation

BY_MAIL = "by mail"
_TOKEN_BYTES = 16


async def type_export(forms: Forms, rest: str) -> None:
    """Answer `export` with a filter behind it, or `export by mail` with one. Raises Refusal."""
    is_by_mail = rest.casefold().startswith(BY_MAIL)
    await _export(forms, rest[len(BY_MAIL) :] if is_by_mail else rest, is_by_mail=is_by_mail)


async def press_export(forms: Forms, value: Mapping[str, object]) -> None:
    """Answer a button whose data has a filter, as one types it, and perhaps `way` `mail`. Raises Refusal."""
    await _export(forms, text_in(value, "filter"), is_by_mail=text_in(value, "way") == "mail")


async def _export(forms: Forms, words: str, *, is_by_mail: bool) -> None:
    person, exports = forms.turn.person, forms.turn.desk.exports
    # The same activity again is the same file.
    told = forms.context.activity.id
    token = operation("export", person.email, told) if told else secrets.token_hex(_TOKEN_BYTES)
    if is_by_mail:
        # Whoever makes the file says at once that it is being written, and in the same message how far it is.
        await exports.order(person, words, token)
        return
    offer = await exports.offer(person, words, token)
    await post_file_consent(forms.context, offer.name, consent_of(offer))

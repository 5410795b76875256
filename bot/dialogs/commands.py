"""The words people type, in one table, and what answers them."""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from bot.cards.access import admission_card, invitations_card
from bot.cards.covers import covers_card
from bot.cards.leaves import leaves_card
from bot.cards.lessons import learning_card
from bot.cards.proposal import proposal_form_card
from bot.cards.request import status_card
from bot.cards.words import help_card, welcome_card
from bot.dialogs.export_file import type_export
from bot.dialogs.forms import Forms
from bot.dialogs.heard_page import heard_page
from bot.dialogs.insights_page import insights_page
from bot.dialogs.list_page import TYPED, list_page
from bot.dialogs.pages import Show
from bot.dialogs.portfolio_page import portfolio_page
from bot.dialogs.questions import CANCELLED
from bot.dialogs.turn import post, say
from bot.domain.access_desk import Asker
from bot.domain.desk import Press
from bot.domain.errors import Refusal
from bot.domain.export_desk import MAY_EXPORT
from bot.domain.filters import ListName
from bot.domain.lifecycle import Action
from bot.domain.numbers import parse_number
from bot.domain.people import Identity, Person, Role
from bot.domain.texts import one_line
from bot.domain.view import RequestView

NO_CODE_NEEDED = "You need no code here: you are registered already. Type help to see what you can do."
NO_FORM = "There is no form under way. Type new request to begin one."
NUMBER_MISSING = "Please add the number of the request, like: {word} CONTOSO-7K3QXD"
INVITE_MISSING = "Please add an e-mail address and a partner code, like: {word} ada@contoso.com CONTOSO"
EMAIL_MISSING = "Please add the e-mail address of the person, like: {word} ada@contoso.com"
CODE_MISSING = "Please add the code from the mail, like: {word} 7K3QXDPM42"
BRIEF_HOW = "Please type brief on or brief off."
BRIEFS_ON = "You get a brief each working morning when something waits for you. Type brief off to stop it."
BRIEFS_OFF = "You get no morning briefs any more. Reminders still come. Type brief on to have them again."
MAIL_HOW = "Please type mail on or mail off."
MAIL_ON = "Everything you are told here is mailed to you as well. Type mail off to stop it."
MAIL_OFF = "You get mail only when a card cannot reach you. Type mail on to have everything mailed as well."
THANKS = "Thank you: your words are on their way to the programme team."
_EVERYBODY = frozenset(Role)
_TOKEN_BYTES = 16
_MENTION = re.compile(r"^\s*(?:<at>[^<]*</at>\s*)+", re.IGNORECASE)
_FEEDBACK = re.compile(r"^\W*feedback[\s:,;.!-]*", re.IGNORECASE)
_AROUND_A_WORD = " .,;:!?¿¡\"'`“”„«»()[]{}<>#*"
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))

Handler = Callable[[Forms, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """What can be typed: `words` with its synonyms, then perhaps a parameter. `roles` are offered it by help.

    `missing` is said when the parameter is not there; '' where it need not be.
    """

    words: str
    handle: Handler
    synonyms: tuple[str, ...] = ()
    parameter: str = ""
    missing: str = NUMBER_MISSING
    roles: frozenset[Role] = _EVERYBODY
    only_reads: bool = True


@dataclass(frozen=True, slots=True)
class Typed:
    """A command that was recognised, with what was typed behind it."""

    command: Command
    rest: str


async def _new_request(forms: Forms, _rest: str) -> None:
    await forms.new()


async def _my_requests(forms: Forms, rest: str) -> None:
    await _page(forms, list_page, {"list": ListName.REQUESTS, TYPED: rest})


async def _inbox(forms: Forms, rest: str) -> None:
    await _page(forms, list_page, {"list": ListName.INBOX, TYPED: rest})


async def _engagements(forms: Forms, rest: str) -> None:
    await _page(forms, list_page, {"list": ListName.ENGAGEMENTS, TYPED: rest})


async def _page(forms: Forms, show: Show, texts: Mapping[str, str]) -> None:
    await post(forms.context, await show(forms.turn.desk, forms.turn.person, texts))


async def _insights(forms: Forms, _rest: str) -> None:
    await _page(forms, insights_page, {})


async def _portfolio(forms: Forms, code: str) -> None:
    await _page(forms, portfolio_page, {"partner": code})


async def _propose(forms: Forms, code: str) -> None:
    form = await forms.turn.desk.proposals.form(forms.turn.person, code, secrets.token_hex(_TOKEN_BYTES))
    await post(forms.context, proposal_form_card(form))


async def _learning(forms: Forms, _rest: str) -> None:
    person = forms.turn.person
    await post(forms.context, learning_card(await forms.turn.desk.learning.of(person), person))


async def _leave(forms: Forms, rest: str) -> None:
    if rest:
        await forms.turn.desk.leaves.name(forms.turn.person, rest)
    await show_leaves(forms)


async def show_leaves(forms: Forms) -> None:
    """Post the leaves that the person has named."""
    desk, person = forms.turn.desk, forms.turn.person
    leaves, at_work_on = await desk.leaves.own(person), await desk.lookup.at_work_on(person)
    await post(forms.context, leaves_card(leaves, at_work_on))


async def show_status(forms: Forms, number: str) -> None:
    await _post_status(forms, await forms.turn.desk.lookup.view(forms.turn.person, number))


async def _withdraw(forms: Forms, number: str) -> None:
    desk, person = forms.turn.desk, forms.turn.person
    request = (await desk.lookup.view(person, number)).request
    answer = await desk.press(person, Press(Action.WITHDRAW, request.number, request.revision))
    await _post_status(forms, answer.view, answer.note)


async def _post_status(forms: Forms, view: RequestView, note: str = "") -> None:
    request = view.request
    await post(forms.context, status_card(view, note=note), f"status:{request.number}:{request.revision}")


async def _invite(forms: Forms, rest: str) -> None:
    email, _, code = rest.partition(" ")
    if not code:
        raise Refusal(INVITE_MISSING.format(word="invite"))
    await post(forms.context, admission_card(await forms.turn.desk.access.invite(forms.turn.person, email, code)))


async def _invitations(forms: Forms, _rest: str) -> None:
    await post(forms.context, invitations_card(await forms.turn.desk.access.invitations(forms.turn.person)))


async def _remove(forms: Forms, email: str) -> None:
    removed = await forms.turn.desk.access.remove(forms.turn.person, email)
    await say(forms.context, f"{removed.name} ({removed.email}) is removed, and has no access from now on.")


async def _cover(forms: Forms, rest: str) -> None:
    if rest:
        await forms.turn.desk.covers.name(forms.turn.person, rest)
    await show_covers(forms)


async def _brief(forms: Forms, rest: str) -> None:
    is_on = _is_on(rest, BRIEF_HOW)
    await forms.turn.desk.agendas.switch_briefs(forms.turn.person, is_on=is_on)
    await say(forms.context, BRIEFS_ON if is_on else BRIEFS_OFF)


async def _mail(forms: Forms, rest: str) -> None:
    is_on = _is_on(rest, MAIL_HOW)
    await forms.turn.desk.agendas.switch_mail(forms.turn.person, is_on=is_on)
    await say(forms.context, MAIL_ON if is_on else MAIL_OFF)


async def _feedback(forms: Forms, _rest: str) -> None:
    """Take in feedback with every sign of it; the programme team without words sees what was heard."""
    activity, person = forms.context.activity, forms.turn.person
    said = _FEEDBACK.sub("", _MENTION.sub("", activity.text), count=1)
    if not said and person.is_a(Role.PROGRAM):
        await _page(forms, heard_page, {})
        return
    await forms.turn.desk.feedback.give(person, said, activity.id or "")
    await say(forms.context, THANKS)


def _is_on(typed: str, how: str) -> bool:
    if typed.casefold() not in {"on", "off"}:
        raise Refusal(how)
    return typed.casefold() == "on"


async def show_covers(forms: Forms) -> None:
    desk, person = forms.turn.desk.covers, forms.turn.person
    covers = await desk.own(person)
    emails = {email for each in covers for email in (each.fpm, each.cover)}
    names = {email: found.name for email in sorted(emails) if (found := await desk.people.by_email(email))}
    await post(forms.context, covers_card(covers, person, names))


async def request_access(forms: Forms, _rest: str) -> None:
    person = forms.turn.person
    known = f"You have access already, as {person.name} ({person.email})."
    await say(forms.context, f"{known} Type help to see what you can do.")


async def accept(forms: Forms, code: str) -> None:
    """Add another partner to somebody who is registered, and has a code of that partner."""
    person = forms.turn.person
    identity = Identity(person.tenant_id, person.object_id)
    partner = await forms.turn.desk.access.people.partner_of_tenant(person.tenant_id)
    if partner is None or partner.code in person.partners:
        raise Refusal(NO_CODE_NEEDED)
    accepted = await forms.turn.desk.access.accept(Asker(identity, partner, person.name), code)
    await post(forms.context, welcome_card(accepted))


async def _help(forms: Forms, _rest: str) -> None:
    await post(forms.context, help_card(forms.turn.person))


async def _greet(forms: Forms, _rest: str) -> None:
    await post(forms.context, welcome_card(forms.turn.person))


async def _cancel(forms: Forms, _rest: str) -> None:
    if forms.dialogs.active_dialog is None:
        raise Refusal(NO_FORM)
    await say(forms.context, CANCELLED)
    await forms.dialogs.cancel_all_dialogs()


_ASKING = frozenset({Role.REQUESTER})
_LISTED_REQUESTS = _EVERYBODY - {Role.SME}
_INVITING = frozenset({Role.FPM})
_REMOVING = frozenset({Role.FPM, Role.PROGRAM})
_LOOKING_AFTER = frozenset({Role.FPM, Role.PROGRAM})
_STATUS = Command("status", show_status, ("show", "open", "status of"), "<number>")
ACCEPT = Command("accept", accept, ("code",), "<code>", CODE_MISSING, frozenset(), only_reads=False)
COMMANDS: tuple[Command, ...] = (
    Command(
        "new request",
        _new_request,
        ("new", "request", "request sme", "ask for an sme", "start"),
        roles=_ASKING,
        only_reads=False,
    ),
    Command("my requests", _my_requests, ("requests", "list", "list requests"), "<filter>", "", _LISTED_REQUESTS),
    Command("inbox", _inbox, ("my inbox",), "<filter>", "", frozenset({Role.FPM, Role.ASSIGNER})),
    Command("engagements", _engagements, ("my engagements",), "<filter>", "", frozenset({Role.SME, Role.FPM})),
    Command("insights", _insights, ("insight", "metrics", "numbers"), roles=_LOOKING_AFTER),
    Command("portfolio", _portfolio, ("my portfolio", "partners", "review"), "<partner>", "", _LOOKING_AFTER),
    Command("propose", _propose, ("propose help",), "<partner>", "", frozenset({Role.FPM, Role.ASSIGNER})),
    Command("learning", _learning, ("learners",), roles=frozenset({Role.REQUESTER, Role.FPM})),
    Command(
        "leave", _leave, ("leaves", "my leaves"), "from <date> to <date>", "", frozenset({Role.SME}), only_reads=False
    ),
    _STATUS,
    Command("withdraw", _withdraw, ("take back",), "<number>", roles=_ASKING, only_reads=False),
    Command("invitations", _invitations, ("my invitations", "access requests"), roles=_INVITING),
    Command("invite", _invite, (), "<email> <partner>", INVITE_MISSING, _INVITING, only_reads=False),
    Command("remove", _remove, ("remove person",), "<email>", EMAIL_MISSING, _REMOVING, only_reads=False),
    Command("cover", _cover, ("covers", "my covers"), "<email> from <date> to <date>", "", _INVITING, only_reads=False),
    Command("brief", _brief, ("briefs", "morning brief"), "on|off", BRIEF_HOW, only_reads=False),
    Command("mail", _mail, ("mails", "e-mail", "email"), "on|off", MAIL_HOW, only_reads=False),
    Command("export", type_export, ("exports", "download"), "<filter>", "", MAY_EXPORT),
    Command("feedback", _feedback, (), "<text>", "", only_reads=False),
    Command("request access", request_access, ("access", "ask for access"), roles=frozenset()),
    ACCEPT,
    Command("cancel", _cancel, ("stop", "quit", "cancel form", "abort"), roles=_ASKING, only_reads=False),
    Command("help", _help, ("?", "commands", "menu", "what can you do")),
)
GREETINGS = Command("hello", _greet, ("hi", "hey", "good morning", "good afternoon", "good evening"), roles=frozenset())


def recognised(text: str) -> Typed | None:
    """Return the command that was typed, in any case, whatever mention, spaces and punctuation surround it."""
    plain = one_line(_MENTION.sub("", text))
    if plain.strip(" ?") == "" and "?" in plain:
        return recognised("help")
    words = [bare for word in plain.split() if (bare := word.strip(_AROUND_A_WORD))]
    if len(words) == 1 and parse_number(_number(words)):
        return Typed(_STATUS, _number(words))
    for phrase, command in _PHRASES:
        count = len(phrase)
        if [word.casefold() for word in words[:count]] == phrase and (command.parameter or len(words) == count):
            return Typed(command, _number(words[count:]))
    return None


def _number(words: list[str]) -> str:
    return " ".join(words).translate(_HYPHENS)


def _phrases() -> list[tuple[list[str], Command]]:
    found = [
        (words.split(), command) for command in (*COMMANDS, GREETINGS) for words in (command.words, *command.synonyms)
    ]
    return sorted(found, key=lambda phrase: len(phrase[0]), reverse=True)


_PHRASES = _phrases()


async def carry_out(typed: Typed, forms: Forms) -> None:
    """Answer a command. Raises Refusal with the sentence for the person."""
    if typed.command.missing and typed.command.parameter and not typed.rest:
        raise Refusal(typed.command.missing.format(word=typed.command.words))
    await typed.command.handle(forms, typed.rest)


def suggestion(text: str, person: Person) -> str:
    """Return a sentence naming the command that was probably meant, '' when nothing comes near."""
    typed = one_line(_MENTION.sub("", text)).casefold()
    offered = {command.words: command for command in COMMANDS if command.roles & person.roles}
    begins = [words for words in offered if typed.startswith(f"{words} ")]
    near = begins or get_close_matches(typed[:40], offered, n=1, cutoff=0.7)
    if not near:
        near = get_close_matches(" ".join(typed.split()[:1]), offered, n=1, cutoff=0.7)
    if not near:
        return ""
    command = offered[near[0]]
    return f"Did you mean: {' '.join(filter(None, (command.words, command.parameter)))}"

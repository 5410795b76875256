"""Access: the card to ask with, what became of it, the FPM's card to decide on, and the mails to who is not known."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from bot.cards.inputs import choice_input, text_input
from bot.cards.pieces import (
    Button,
    Card,
    Element,
    Tone,
    box,
    card,
    columns,
    execute,
    facts,
    own,
    refresh,
    rich,
    run,
    show_card,
    submit,
    text_block,
)
from bot.cards.words import moment
from bot.domain.access import Admission, AdmissionState
from bot.domain.access_desk import MOST_LISTED, NOTE_LONGEST, AccessView, Asker
from bot.domain.kinds import EMAIL_LONGEST

_REQUIRED = "Please fill this in."
_STATES: Mapping[AdmissionState, tuple[str, Tone]] = {
    AdmissionState.ASKED: ("Waits for you", Tone.ACCENT),
    AdmissionState.INVITED: ("Invited", Tone.ACCENT),
    AdmissionState.REGISTERED: ("Registered", Tone.GOOD),
    AdmissionState.REFUSED: ("Refused", Tone.ATTENTION),
    AdmissionState.REVOKED: ("Revoked", Tone.DEFAULT),
}


def ask_card(
    asker: Asker, fpm: str, values: Mapping[str, str] | None = None, mistakes: Mapping[str, str] | None = None
) -> Card:
    """Return the card by which an unknown person of a partner asks for access; `fpm` is whom to turn to."""
    given = {"name": asker.name, **(values or {})}
    wrong = mistakes or {}
    inputs: list[Element] = []
    # A client checks required inputs for every button that sends inputs, the one for a code too: we check these here.
    for key, label, longest in (
        ("name", "Your name", 240),
        ("email", "Your work e-mail", EMAIL_LONGEST),
        ("contact_email", "E-mail for the code, when your work account has no mailbox (optional)", EMAIL_LONGEST),
        ("phone", "Phone (optional)", 80),
    ):
        inputs.append(text_input(key, label, value=given.get(key, ""), longest=longest))
        inputs += _mistake(wrong, key)
    choice = {asker.partner.code: asker.partner.name}
    inputs.append(choice_input("partner_name", "Partner", choice, value=asker.partner.code))
    inputs += _mistake(wrong, "partner_name")
    lead = rich(
        run("You are not registered for "), run(asker.partner.name, bold=True), run(" yet. Your FPM, "), run(fpm),
        run(", decides who is. Ask here, and the answer comes by mail."),
    )  # fmt: skip
    trouble = rich(run("Another partner, or trouble with access? Please contact ", subtle=True), run(fpm, subtle=True))
    buttons = [submit("Ask for access", {"verb": "ask"}, style="positive"), code_button()]
    return card("Ask for access to SME requests.", [_title("Access to SME requests"), lead, *inputs, trouble], buttons)


def _mistake(wrong: Mapping[str, str], key: str) -> list[Element]:
    return [{**own(wrong[key], spacing="small"), "color": "attention"}] if key in wrong else []


def code_button() -> Button:
    """Return the button by which a code is given."""
    code = text_input("code", "The code of 10 letters and digits in the mail", missing=_REQUIRED, longest=40)
    return show_card("I have a code", [code], submit("Use the code", {"verb": "accept_code"}))


def standing_card(asker: Asker, admission: Admission, fpm: str) -> Card:
    """Return what became of a person's wish for access, as they see it themselves."""
    zone = ZoneInfo(asker.partner.time_zone)
    buttons: list[Button] = []
    match admission.state:
        case AdmissionState.INVITED:
            until = moment(admission.expires_at, zone) if admission.expires_at else ""
            said = f"You are admitted. A mail with your code is on its way to {admission.told_at}. Valid until {until}."
            buttons = [code_button()]
        case AdmissionState.REFUSED:
            said = f"Your request for access was refused on {moment(admission.changed_at, zone)}."
        case _:
            said = f"{fpm} was asked on {moment(admission.asked_at, zone)}. The answer goes to {admission.told_at}."
            buttons = [code_button()]
    words = text_block("Reason", admission.note) if admission.note else []
    trouble = rich(run("Trouble with access? Please contact ", subtle=True), run(fpm, subtle=True), spacing="medium")
    body = [_title("Access to SME requests"), rich(run(said)), *words, trouble]
    return card("Your access to SME requests.", body, buttons)


def admission_card(view: AccessView) -> Card:
    """Return an admission as the FPM sees it, with the buttons for what can be decided now."""
    admission, zone = view.admission, ZoneInfo(view.reader.time_zone)
    state, tone = _STATES[admission.state]
    head = columns(
        [_title("Access for a person" if admission.object_id else "Invitation")],
        [own("Expired" if admission.is_expired(view.now) else state, bold=True, tone=tone)],
        widths=("stretch", "auto"),
        spacing="none",
    )
    rows = [
        ("Name", run(admission.name)),
        ("In Teams", run(admission.teams_name if admission.teams_name != admission.name else "")),
        ("E-mail", run(admission.email)),
        ("Code goes to", run(admission.contact_email)),
        ("Phone", run(admission.phone)),
        ("Partner", run(view.partner.name)),
        ("Tenant ID", run(admission.tenant_id)),
        ("Asked", run(moment(admission.asked_at, zone) if admission.object_id else "")),
    ]
    noted = [box([rich(run(view.note, bold=True))], "accent")] if view.note else []
    taken = "The directory has this e-mail address already. Admit only whom you know to be that person."
    warned = [box([own(taken)], "warning")] if admission.is_taken and admission.state is AdmissionState.ASKED else []
    find = [own("Type invitations to find this again.", subtle=True, size="small", spacing="medium")]
    asked = find if admission.state is AdmissionState.ASKED else []
    body = [head, *noted, *warned, *facts(rows), *_decided(view), *text_block("Reason", admission.note), *asked]
    data = {"request": admission.id, "revision": admission.revision}
    return card("Access to SME requests.", body, _buttons(view), renewed_by=refresh(data))


def _decided(view: AccessView) -> list[Element]:
    admission, zone = view.admission, ZoneInfo(view.reader.time_zone)
    when = moment(admission.changed_at, zone)
    words = {
        AdmissionState.INVITED: f"Invited by {view.decider} on {when}. The code goes to {admission.told_at}.",
        AdmissionState.REFUSED: f"Refused by {view.decider} on {when}.",
        AdmissionState.REVOKED: f"Revoked by {view.decider} on {when}.",
        AdmissionState.REGISTERED: f"Registered on {when}.",
    }.get(admission.state, "")
    until = admission.expires_at if admission.state is AdmissionState.INVITED else None
    valid = [rich(run(f"Valid until {moment(until, zone)}.", subtle=True))] if until else []
    return [rich(run(words), spacing="medium"), *valid] if words else []


def _buttons(view: AccessView) -> list[Button]:
    data = {"request": view.admission.id, "revision": view.admission.revision}
    match view.admission.state:
        case AdmissionState.ASKED:
            note = text_input("refuse_note", "A word on why (optional)", multiline=True, longest=NOTE_LONGEST)
            refusal = execute("Refuse access", {**data, "verb": "refuse"}, style="destructive")
            admit = execute("Admit", {**data, "verb": "admit"}, style="positive")
            return [admit, show_card("Refuse", [note], refusal)]
        case AdmissionState.INVITED:
            again = execute("Send another code", {**data, "verb": "send_again"})
            return [again, execute("Revoke", {**data, "verb": "revoke"}, style="destructive")]
    return []


def invitations_card(views: Sequence[AccessView]) -> Card:
    """Return who has asked and who is invited, each with a button that opens the card to decide on."""
    hint = own("Type invite, an e-mail address and a partner code to invite somebody.", subtle=True, spacing="medium")
    shown = views[:MOST_LISTED]
    rows = [_row(view) for view in shown] or [own("Nobody has asked, and nobody is invited.")]
    more = [own("There are more. They follow when these are answered.", subtle=True)] if len(views) > len(shown) else []
    return card(f"Invitations: {len(shown)}.", [_title("Invitations"), *rows, *more, hint])


def _row(view: AccessView) -> Element:
    admission = view.admission
    state, tone = ("Expired", Tone.WARNING) if admission.is_expired(view.now) else _STATES[admission.state]
    words = [
        rich(run(admission.name or admission.email, bold=True)),
        rich(run(state, bold=True, tone=tone), run(f" · {view.partner.name}", subtle=True), spacing="none"),
        rich(run(admission.email if admission.name else "", subtle=True), spacing="none"),
    ]
    opened = submit("Open", {"verb": "look", "request": admission.id}, tooltip="Open the card to decide on")
    button = {"type": "ActionSet", "actions": [opened]}
    shown = [line for line in words if line["inlines"]]
    return {**columns(shown, [button], widths=("stretch", "auto"), spacing="medium"), "separator": True}


def invitation_mail(admission: Admission, partner: str, decider: str, code: str) -> str:
    """Return the mail that brings a code, in plain words."""
    until = moment(admission.expires_at, ZoneInfo("UTC")) if admission.expires_at else ""
    hello = f"Hello {admission.name}," if admission.name else "Hello,"
    return "\n\n".join(
        (
            hello,
            f"{decider} of Microsoft FastTrack gives you access to SME requests for {partner}.",
            "There you ask Microsoft for a Subject Matter Expert who helps with a customer deployment.",
            "Open the app SME requests in Microsoft Teams, signed in with your work account, and send it this:",
            f"accept {code}",
            f"The code works once, until {until}. Did you not ask for this? Then nothing has to be done.",
        )
    )


def refusal_mail(admission: Admission, partner: str, decider: str) -> str:
    """Return the mail that says that access was refused."""
    why = f"The reason: {admission.note}" if admission.note else ""
    said = f"{decider} of Microsoft FastTrack has not given you access to SME requests for {partner}."
    ask = f"Please contact {admission.changed_by} if that is a mistake."
    return "\n\n".join(filter(None, (f"Hello {admission.name},", said, why, ask)))


def _title(text: str) -> Element:
    return own(text, bold=True, size="medium", heading=True)

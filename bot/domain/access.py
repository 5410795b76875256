"""How somebody of a partner comes in: asked or invited, admitted, registered with a code (process.md section 8)."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import scrypt, sha256

from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice
from bot.domain.people import Identity, Partner, Person, Role

LONGEST_NAME = 120
CODE_LENGTH = 10
CODE_LASTS = timedelta(days=7)
MOST_WRONG_TRIES = 5
LOCKED_FOR = timedelta(hours=1)
ASK_AGAIN_AFTER = timedelta(days=1)
"""So long after a refusal the same person may ask again."""
BY_MAIL_ONLY = frozenset({Topic.INVITATION, Topic.NOT_ADMITTED})
"""To people who are not in the directory, and are therefore told at the contact address."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID = re.compile(r"[A-Z0-9]{2,12}-access-[0-9a-f]{16}")
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


class AdmissionState(StrEnum):
    """Where an admission stands."""

    ASKED = "asked"
    INVITED = "invited"
    REGISTERED = "registered"
    REFUSED = "refused"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Admission:
    """One person's way in for one partner.

    Who asked in the chat has an identity (`tenant_id`, `object_id`) and the name that Teams shows; who was invited
    has neither until the code is accepted. `code_hash` is '' while no valid code is out. `is_taken` says that the
    directory had the e-mail address already when it was given. `changed_by` is the e-mail of whoever
    decided last; `codes` counts the codes made; `etag` belongs to the store alone.
    """

    id: str
    partner: str
    email: str
    name: str
    asked_at: datetime
    changed_at: datetime
    state: AdmissionState
    contact_email: str = ""
    phone: str = ""
    tenant_id: str = ""
    object_id: str = ""
    teams_name: str = ""
    is_taken: bool = False
    changed_by: str = ""
    note: str = ""
    expires_at: datetime | None = None
    code_hash: str = ""
    codes: int = 0
    revision: int = 1
    etag: str = ""

    @property
    def told_at(self) -> str:
        """The address to which mails go."""
        return self.contact_email or self.email

    def is_expired(self, at: datetime) -> bool:
        return self.state is AdmissionState.INVITED and self.expires_at is not None and at >= self.expires_at

    def is_of(self, identity: Identity) -> bool:
        return (self.tenant_id, self.object_id) == (identity.tenant_id, identity.object_id)


def is_admission(text: str) -> bool:
    """Whether a text has the form of an admission's id, which no request number has."""
    return _ID.fullmatch(text) is not None


def id_of_asker(partner: str, identity: Identity) -> str:
    """Return the id of the admission that this account asks for: one, however often it asks."""
    return f"{partner}-access-{_digest(identity.tenant_id, identity.object_id)[:16]}"


def id_of_invited(partner: str, email: str) -> str:
    """Return the id of the invitation of this address: one, however often it is invited."""
    return f"{partner}-access-{_digest('invited', email)[:16]}"


def _digest(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()


def new_code() -> str:
    """Return a code of 50 random bits, in letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


def code_as_typed(text: str) -> str:
    """Return a code as it was made, from what a person typed: in any case, in groups, O for 0, I or L for 1."""
    return text.strip().upper().translate(_MISREAD)


def hash_of(partner: str, code: str) -> str:
    """Return what is kept of a code: slow to make, so that nobody finds the code to it by trying all."""
    return scrypt(code.encode(), salt=partner.encode(), n=2**12, r=8, p=1, dklen=32).hex()


def opens(admission: Admission, code_hash: str, identity: Identity, at: datetime) -> bool:
    """Whether this account may come in by the code of this hash: one that asked itself, by its own code only.

    Whoever has begun to come in by a code may use it again, in case that was broken off.
    """
    is_theirs = admission.is_of(identity)
    if admission.state is AdmissionState.INVITED:
        is_open = is_theirs or not admission.object_id
    else:
        is_open = is_theirs and admission.state is AdmissionState.REGISTERED
    is_valid = is_open and bool(admission.code_hash) and not admission.is_expired(at)
    return is_valid and secrets.compare_digest(admission.code_hash, code_hash)


def changed(admission: Admission, state: AdmissionState, by: Person, at: datetime, note: str = "") -> Admission:
    """Return the admission as somebody has decided; a code that is out is not valid any more."""
    return replace(
        admission,
        state=state,
        changed_by=by.email,
        changed_at=at,
        note=note,
        revision=admission.revision + 1,
        code_hash="",
        expires_at=at + CODE_LASTS if state is AdmissionState.INVITED else None,
    )


def with_code(admission: Admission, code: str, at: datetime) -> Admission:
    """Return the admission with a new code; the one before is not valid any more."""
    code_hash = hash_of(admission.partner, code)
    return replace(admission, code_hash=code_hash, codes=admission.codes + 1, expires_at=at + CODE_LASTS)


def taken_by(admission: Admission, person: Person, at: datetime) -> Admission:
    """Return the admission of somebody who is coming in: for nobody else any more, and not to be revoked."""
    taken = changed(admission, AdmissionState.REGISTERED, person, at)
    taken = replace(taken, tenant_id=person.tenant_id, object_id=person.object_id)
    return replace(taken, name=person.name, code_hash=admission.code_hash)


def person_of(admission: Admission, identity: Identity, teams_name: str, partner: Partner) -> Person:
    """Return the requester that an admission makes of an account that the directory does not have."""
    return Person(
        email=admission.email,
        name=(admission.name or teams_name or admission.email)[:LONGEST_NAME],
        roles=frozenset({Role.REQUESTER}),
        tenant_id=identity.tenant_id,
        object_id=identity.object_id,
        partner=partner.code,
        time_zone=partner.time_zone,
        holidays=partner.holidays,
        contact_email=admission.contact_email,
    )


def notices_for(admission: Admission, partner: Partner, deciders: Sequence[str], at: datetime) -> list[Notice]:
    """Return who is told of an admission as it has just become; `deciders` are asked to decide."""
    match admission.state:
        case AdmissionState.ASKED:
            sentence = f"{admission.name} asks for access for {partner.name}"
            return [_notice(admission, Topic.ACCESS, decider, sentence, at) for decider in deciders]
        case AdmissionState.INVITED:
            return [_notice(admission, Topic.INVITATION, admission.told_at, "Your code for SME requests", at)]
        case AdmissionState.REFUSED:
            return [_notice(admission, Topic.NOT_ADMITTED, admission.told_at, "Your access to SME requests", at)]
    return []


def _notice(admission: Admission, topic: Topic, to: str, sentence: str, at: datetime) -> Notice:
    return Notice(admission.id, admission.revision, topic, to, sentence, at, at)


def deputies_for(notice: Notice, admission: Admission, partner: Partner, at: datetime) -> list[Notice]:
    """Return who is told instead when a notice could not be delivered: of the FPM the backup, of a mail the FPM.

    For an FPM who is not the partner's any more, the one who is now.
    """
    deputy = partner.backup_fpm if notice.recipient == partner.fpm else partner.fpm
    is_from_backup = notice.topic is Topic.ACCESS and notice.recipient == partner.backup_fpm
    if notice.revision != admission.revision or not deputy or is_from_backup:
        return []
    sentence = notice.sentence
    if notice.topic in BY_MAIL_ONLY:
        sentence = f"The mail to {admission.told_at} could not be sent"
    return [_notice(admission, Topic.ACCESS, deputy, sentence, at)]

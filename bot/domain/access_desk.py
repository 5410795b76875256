"""The access desk: asking for access, deciding on it, inviting, registering with a code, and removing people."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain import access
from bot.domain.access import Admission, AdmissionState
from bot.domain.covers import covered_by
from bot.domain.errors import Mistake, Refusal
from bot.domain.kinds import Choice, Email, Kind, Text
from bot.domain.lookup import NOT_FOUND
from bot.domain.parties import fpms_acting_for
from bot.domain.people import Identity, Partner, Person, Role
from bot.domain.ports import Admissions, Clock, People, Raced

ADMIT, REFUSE, REVOKE, SEND_AGAIN, LOOK = "admit", "refuse", "revoke", "send_again", "look"
ACCESS_VERBS = frozenset({ADMIT, REFUSE, REVOKE, SEND_AGAIN, LOOK})
NOTE_LONGEST = 500
MOST_LISTED = 15
OVERTAKEN = "This had changed before your press."
NOT_YOURS = "I know no such person of yours. Please check the e-mail address, or ask the programme team."
NOT_YOUR_PARTNER = "You are not the FPM of a partner with this code. Type it as in: invite ada@contoso.com CONTOSO"
WRONG_CODE = "This code is not right for you, or not valid any more. {left}"
NOT_FOR_THIS_ACCOUNT = "This code cannot be used with this account. Please ask your FPM."
LOCKED = "Too many wrong codes. Please try again in {minutes} minutes."
NOT_REMOVED = "{name} looks after a partner as its FPM. Please name another FPM in the directory first."
REPEATED_WITHIN = timedelta(minutes=1)
_ATTEMPTS = 8
_STEPS: Mapping[tuple[str, AdmissionState], AdmissionState] = {
    (ADMIT, AdmissionState.ASKED): AdmissionState.INVITED,
    (REFUSE, AdmissionState.ASKED): AdmissionState.REFUSED,
    (SEND_AGAIN, AdmissionState.INVITED): AdmissionState.INVITED,
    (REVOKE, AdmissionState.INVITED): AdmissionState.REVOKED,
}
_ASKED: Mapping[str, Kind] = {"name": Text(access.LONGEST_NAME), "email": Email(), "partner_name": Choice()}
_OPTIONAL: Mapping[str, Kind] = {"contact_email": Email(), "phone": Text(40)}


class AccessMistakes(Refusal):
    """Answers of the access card that cannot be taken: what is wrong, by field."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        super().__init__(" ".join(by_field.values()))
        self.by_field = by_field


@dataclass(frozen=True, slots=True)
class Asker:
    """An account of a partner's tenant that the directory does not have; `name` is the one that Teams shows."""

    identity: Identity
    partner: Partner
    name: str = ""


@dataclass(frozen=True, slots=True)
class AccessPress:
    """A button on an access card, as its sender claims it; only what storage says counts."""

    verb: str
    id: str
    revision: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class AccessView:
    """An admission as one reader sees it; `note` is a sentence when time had overtaken the card."""

    admission: Admission
    partner: Partner
    reader: Person
    now: datetime
    decider: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class AccessDesk:
    """All use cases of access. `nudge` is told the id of an admission that leaves somebody to be told."""

    admissions: Admissions
    people: People
    clock: Clock
    nudge: Callable[[str], None] = field(repr=False)

    async def standing(self, asker: Asker) -> Admission | None:
        """Return what this account has asked for, if it has."""
        return await self.admissions.load(access.id_of_asker(asker.partner.code, asker.identity))

    async def ask(self, asker: Asker, given: Mapping[str, str]) -> Admission:
        """Keep what an account asks for, and have the FPM told. Raises AccessMistakes; nothing has changed then."""
        answers = _checked(given, asker.partner)
        for _ in range(_ATTEMPTS):
            before = await self.standing(asker)
            now = self.clock()
            if before and not may_ask(before, now):
                return before
            holder = await self.people.by_email(answers["email"])
            asked = Admission(
                id=access.id_of_asker(asker.partner.code, asker.identity),
                partner=asker.partner.code,
                email=answers["email"],
                name=answers["name"],
                # For an address of the directory the code goes there, and not to where a stranger says.
                contact_email=holder.contact_email if holder else answers["contact_email"],
                phone=answers["phone"],
                tenant_id=asker.identity.tenant_id,
                object_id=asker.identity.object_id,
                teams_name=asker.name,
                is_taken=holder is not None,
                asked_at=now,
                changed_at=now,
                state=AdmissionState.ASKED,
                codes=before.codes if before else 0,
                revision=before.revision + 1 if before else 1,
                etag=before.etag if before else "",
            )
            if await self._committed(asked, asker.partner):
                return asked
        raise Raced(asker.partner.code)

    async def press(self, person: Person, press: AccessPress) -> AccessView:
        """Do what a button says, once; an overtaken press answers with the admission as it stands. Raises Refusal."""
        for _ in range(_ATTEMPTS):
            admission, partner = await self._own(person, press.id)
            wanted = _after(admission, person, press, self.clock())
            if wanted is None:
                is_done = press.verb == LOOK or _is_done(admission, person, press)
                return await self.view(admission, partner, person, "" if is_done else OVERTAKEN)
            if await self._committed(wanted, partner):
                return await self.view(wanted, partner, person)
        raise Raced(press.id)

    async def invite(self, person: Person, email: str, partner_code: str) -> AccessView:
        """Invite an address for a partner of this FPM; invited again, it gets another code. Raises Refusal."""
        partner = await self.people.partner(partner_code.upper())
        if partner is None or not await decides(person, partner, self.people, self.clock()):
            raise Refusal(NOT_YOUR_PARTNER)
        invited = Email().parse(email, {})
        holder = await self.people.by_email(invited)
        if holder and holder.object_id and partner.code in holder.partners:
            raise Refusal(f"{holder.name} is registered for {partner.name} already.")
        if holder and holder.tenant_id not in partner.tenant_ids:
            raise Refusal(f"This address belongs to somebody who is not of {partner.name}.")
        for _ in range(_ATTEMPTS):
            now, known = self.clock(), access.id_of_invited(partner.code, invited)
            before = await self.admissions.load(known)
            if before and _is_repeated(before, person, now):
                return await self.view(before, partner, person)
            if before and (holder is None or not holder.object_id):
                # Whoever came in by it before is gone: the code is for whoever has the address now.
                before = replace(before, tenant_id="", object_id="", name="")
            fresh = Admission(known, partner.code, invited, "", now, now, AdmissionState.ASKED, revision=0)
            wanted = access.changed(before or fresh, AdmissionState.INVITED, person, now)
            if await self._committed(wanted, partner):
                return await self.view(wanted, partner, person)
        raise Raced(known)

    async def invitations(self, person: Person) -> list[AccessView]:
        """Return who has asked, and who is invited, for the partners of this FPM; who has waited longest comes first.

        One more than is shown is returned, so that a list can say that there are more.
        """
        found = []
        for partner in await self._decided_for(person):
            found += [(admission, partner) for admission in await self.admissions.of_partner(partner.code)]
        found.sort(key=lambda each: _urgency(each[0]))
        return [await self.view(admission, partner, person) for admission, partner in found[: MOST_LISTED + 1]]

    async def accept(self, asker: Asker, typed: str) -> Person:
        """Register the account that gives the right code; once. Raises Refusal, and locks after five wrong codes."""
        now, partner = self.clock(), asker.partner.code
        left = await self._counted_try(asker, now)
        code_hash = access.hash_of(partner, access.code_as_typed(typed))
        for _ in range(_ATTEMPTS):
            found = await self.admissions.of_partner(partner)
            opened = [each for each in found if access.opens(each, code_hash, asker.identity, now)]
            if not opened:
                raise Refusal(WRONG_CODE.format(left=left))
            if person := await self._come_in(opened[0], asker, now):
                await self.admissions.forget_tries(partner, asker.identity)
                return person
        raise Raced(partner)

    async def _come_in(self, admission: Admission, asker: Asker, now: datetime) -> Person | None:
        """Register somebody by an admission; None when somebody else was first.

        First nobody else can use the code any more, then the person is registered, then the code ends: broken off in
        between, the same account does it again by the same code.
        """
        person = await self._person(admission, asker)
        try:
            if admission.state is AdmissionState.INVITED:
                admission = await self.admissions.commit(access.taken_by(admission, person, now), [])
            await self.people.register(person)
            await self.admissions.save(replace(admission, code_hash=""))
        except Raced:
            return None
        self.nudge(admission.id)
        return person

    async def remove(self, person: Person, email: str) -> Person:
        """Take a requester out of the FPM's partners, or anybody out of the directory; return them. Raises Refusal."""
        found = await self.people.by_email(email.strip().lower())
        is_program = person.is_a(Role.PROGRAM)
        theirs = {partner.code for partner in await self._decided_for(person)}
        mine = theirs.intersection(found.partners) if found and found.is_a(Role.REQUESTER) else set()
        if found is None or found.email == person.email or not (is_program or mine):
            raise Refusal(NOT_YOURS)
        if is_program:
            if await self.people.partners_of(found.email):
                raise Refusal(NOT_REMOVED.format(name=found.name))
            await self._end_admissions(person, found, found.partners)
            await self.people.remove(found)
            return found
        await self._end_admissions(person, found, mine)
        left = ";".join([code for code in found.partners if code not in mine and await self._is_home_of(found, code)])
        roles = found.roles if left else found.roles - {Role.REQUESTER}
        if roles:
            await self.people.register(replace(found, partner=left, roles=roles))
        else:
            await self.people.remove(found)
        return found

    async def _is_home_of(self, person: Person, partner_code: str) -> bool:
        partner = await self.people.partner(partner_code)
        return partner is not None and person.tenant_id in partner.tenant_ids

    async def view(self, admission: Admission, partner: Partner, reader: Person, note: str = "") -> AccessView:
        by = await self.people.by_email(admission.changed_by) if admission.changed_by else None
        return AccessView(admission, partner, reader, self.clock(), by.name if by else admission.changed_by, note)

    async def _decided_for(self, person: Person) -> list[Partner]:
        """Return the partners for which somebody decides: as FPM, as backup, or as the cover of either."""
        away = covered_by(await self.people.covers(), person.email, self.clock()) if person.is_a(Role.FPM) else ()
        emails = (person.email, *sorted(away))
        return list({p.code: p for email in emails for p in await self.people.partners_of(email)}.values())

    async def _end_admissions(self, by: Person, removed: Person, codes: Collection[str]) -> None:
        """End every way in that somebody who is removed still has: what is asked, invited, or was broken off."""
        now = self.clock()
        for code in sorted(codes):
            for admission in await self.admissions.of_partner(code):
                account = (admission.tenant_id, admission.object_id) == (removed.tenant_id, removed.object_id)
                if admission.email != removed.email and not (account and removed.object_id):
                    continue
                if admission.state in {AdmissionState.ASKED, AdmissionState.INVITED}:
                    await self.admissions.commit(access.changed(admission, AdmissionState.REVOKED, by, now), [])
                elif admission.code_hash:
                    await self.admissions.save(replace(admission, code_hash=""))

    async def _own(self, person: Person, admission_id: str) -> tuple[Admission, Partner]:
        admission = await self.admissions.load(admission_id)
        partner = await self.people.partner(admission.partner) if admission else None
        if admission is None or partner is None or not await decides(person, partner, self.people, self.clock()):
            raise Refusal(NOT_FOUND)
        return admission, partner

    async def _committed(self, admission: Admission, partner: Partner) -> bool:
        now = self.clock()
        deciders = await fpms_acting_for(partner.fpm, self.people, now)
        try:
            await self.admissions.commit(admission, access.notices_for(admission, partner, deciders, now))
        except Raced:
            return False
        self.nudge(admission.id)
        return True

    async def _counted_try(self, asker: Asker, now: datetime) -> str:
        """Count a try before its code is looked at; return how many are left, in words. Raises Refusal when locked."""
        wrong, until = await self.admissions.count_try(asker.partner.code, asker.identity, now)
        if wrong > access.MOST_WRONG_TRIES:
            minutes = max(1, -(-(until - now) // timedelta(minutes=1)))
            raise Refusal(LOCKED.format(minutes=minutes))
        left = access.MOST_WRONG_TRIES - wrong
        return "This was the last try for an hour." if not left else f"Tries left: {left}."

    async def _person(self, admission: Admission, asker: Asker) -> Person:
        """Return whom a code registers: somebody known gets the partner added, and nobody's account moves."""
        identity, partner = asker.identity, asker.partner
        known = await self.people.by_identity(identity)
        holder = known or await self.people.by_email(admission.email)
        if holder is None:
            return access.person_of(admission, identity, asker.name, partner)
        if known is None and (holder.object_id or holder.tenant_id != identity.tenant_id):
            raise Refusal(NOT_FOR_THIS_ACCOUNT)
        codes = ";".join(dict.fromkeys((*holder.partners, partner.code)))
        roles = holder.roles | {Role.REQUESTER}
        return replace(holder, object_id=identity.object_id, partner=codes, roles=roles)


async def decides(person: Person, partner: Partner, people: People, at: datetime) -> bool:
    """Whether somebody decides on access for a partner: its FPM, the backup, or the cover of either."""
    away = covered_by(await people.covers(), person.email, at)
    return person.is_a(Role.FPM) and not {partner.fpm, partner.backup_fpm}.isdisjoint({person.email, *away})


def _is_repeated(invited: Admission, by: Person, at: datetime) -> bool:
    """Whether an invitation is the same one, delivered once more: each code makes the one before invalid."""
    is_standing = invited.state is AdmissionState.INVITED and invited.changed_by == by.email
    return is_standing and at - invited.changed_at < REPEATED_WITHIN


def _urgency(admission: Admission) -> tuple[int, float]:
    """Return the order of a list: who waits, longest first, then who is invited and the rest, latest first."""
    if admission.state is AdmissionState.ASKED:
        return 0, admission.asked_at.timestamp()
    return 1 if admission.state is AdmissionState.INVITED else 2, -admission.changed_at.timestamp()


def _is_done(admission: Admission, person: Person, press: AccessPress) -> bool:
    """Whether the last change is what this press wanted, by the same person."""
    is_next = (press.revision, admission.changed_by) == (admission.revision - 1, person.email)
    return is_next and any(verb == press.verb and end is admission.state for (verb, _), end in _STEPS.items())


def may_ask(before: Admission, now: datetime) -> bool:
    """Whether somebody who has asked may ask anew."""
    match before.state:
        case AdmissionState.ASKED:
            return False
        case AdmissionState.INVITED:
            return before.is_expired(now)
        case AdmissionState.REFUSED:
            return now - before.changed_at >= access.ASK_AGAIN_AFTER
    return True


def _after(admission: Admission, person: Person, press: AccessPress, now: datetime) -> Admission | None:
    """Return the admission after a press, None where the press changes nothing. Raises Refusal."""
    wanted = _STEPS.get((press.verb, admission.state))
    if wanted is None or press.revision != admission.revision:
        return None
    note = Text(NOTE_LONGEST, 0, multiline=True).parse(press.note, {}) if press.verb == REFUSE else ""
    return access.changed(admission, wanted, person, now, note)


def _checked(given: Mapping[str, str], partner: Partner) -> dict[str, str]:
    answers: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for key, kind in {**_ASKED, **_OPTIONAL}.items():
        raw = given.get(key, "")
        if key in _OPTIONAL and not raw.strip():
            answers[key] = ""
            continue
        try:
            answers[key] = kind.parse(raw, {partner.code: partner.name})
        except Mistake as mistake:
            wrong[key] = mistake.sentence
    if wrong:
        raise AccessMistakes(wrong)
    return answers

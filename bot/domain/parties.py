"""Who a request has to do with now: people and partners may have left the directory since it was made."""

from datetime import datetime

from bot.domain.covers import covered_by, covers_for
from bot.domain.lifecycle import EngagementStatus, Relation, Status
from bot.domain.people import Partner, Person, Role
from bot.domain.ports import Case, People
from bot.domain.request import SmeRequest
from bot.domain.view import backup_of, relations_to


async def partner_of(request: SmeRequest, people: People) -> Partner:
    """Return the partner of a request; of one that was removed what the request itself says."""
    stored = await people.partner(request.partner)
    return stored or Partner(request.partner, request.partner, request.answers["region"], (), request.fpm)


async def relations_of(request: SmeRequest, person: Person, people: People, at: datetime) -> frozenset[Relation]:
    """Return what a person is to a request at a time, from stored facts only.

    For an FPM who has left the partner's FPMs act, and for one who is away the cover.
    """
    partner = await partner_of(request, people)
    is_fpm_gone = not await is_fpm(request.fpm, people)
    acts_for = covered_by(await people.covers(), person.email, at)
    return relations_to(request, person, partner, acts_for=acts_for, is_fpm_gone=is_fpm_gone)


async def decided_for(person: Person, people: People, at: datetime) -> list[str]:
    """Return whose requests wait for an FPM at a time: the own ones, and those of FPMs who are away."""
    return [person.email, *sorted(covered_by(await people.covers(), person.email, at))] if person.is_a(Role.FPM) else []


async def fpms_now(request: SmeRequest, people: People, at: datetime) -> list[str]:
    """Return the e-mails of who decides at a time: the cover while the FPM is away, else the FPM.

    For an FPM who has left that is the partner's FPM, or its backup.
    """
    own = {request.requester, request.sme}
    acting = [email for email in await fpms_acting_for(request.fpm, people, at) if email not in own]
    if acting and await is_fpm(acting[0], people):
        return acting
    partner = await partner_of(request, people)
    known = [email for email in (partner.fpm, partner.backup_fpm) if email and email not in own]
    stand_ins = [email for email in known if await is_fpm(email, people)]
    return stand_ins[:1] or [request.fpm]


async def fpms_acting_for(fpm: str, people: People, at: datetime) -> list[str]:
    """Return the covers of an FPM at a time who are FPMs themselves, or the FPM alone."""
    covers = covers_for(await people.covers(), fpm, at)
    return [email for email in covers if await is_fpm(email, people)] or [fpm]


async def holders(request: SmeRequest, relation: Relation, people: People, at: datetime) -> list[str]:
    """Return the e-mails of who has to act in this relation at a time: those a reminder goes to."""
    match relation:
        case Relation.FPM:
            asked = await backups_asked(request, people) if request.backup_asked else []
            return list(dict.fromkeys([*await fpms_now(request, people, at), *asked]))
        case Relation.ASSIGNER:
            assigners = await people.assigners(request.answers["region"])
            return [person.email for person in assigners if person.email != request.requester]
        case Relation.REQUESTER:
            return [email for email in [await requester_now(request, people)] if email]
    return [request.sme]


async def proposers_now(request: SmeRequest, people: People, at: datetime) -> list[str]:
    """Return the e-mails of who has to go on with help that was proposed: who proposed it, or the cover.

    For somebody who is neither FPM nor assigner any more that is the FPM, with the assigners of the region.
    """
    if await is_fpm(request.proposed_by, people):
        return await fpms_acting_for(request.proposed_by, people, at)
    if await person_as(Role.ASSIGNER, request.proposed_by, people):
        return [request.proposed_by]
    return [*await fpms_now(request, people, at), *await holders(request, Relation.ASSIGNER, people, at)]


async def asked_without_a_date(case: Case, people: People, at: datetime) -> list[str]:
    """Return the e-mails of who has to do something for the work on a request by no promised date.

    They agree on a proposal or a kick-off, find another SME for a proposal, say what came of the help, or close.
    """
    request, engagement = case.request, case.engagement
    if request.stage is EngagementStatus.PROPOSED and request.is_open:
        return await holders(request, Relation.REQUESTER, people, at)
    if request.is_proactive and request.status is Status.APPROVED:
        return list(dict.fromkeys([*await proposers_now(request, people, at), *await fpms_now(request, people, at)]))
    asked = list(request.to_agree)
    if request.status is Status.ASSIGNED and request.stage is EngagementStatus.COMPLETED and engagement:
        asked.append(Relation.FPM if engagement.result else Relation.SME)
    return [email for relation in asked for email in await holders(request, relation, people, at)]


async def backups_asked(request: SmeRequest, people: People) -> list[str]:
    """Return who may be asked beside the FPM, unless they have another part in the request or have left."""
    backup = backup_of(request, await partner_of(request, people))
    own = {"", request.requester, request.sme}
    return [backup] if backup not in own and await is_fpm(backup, people) else []


async def requester_now(request: SmeRequest, people: People) -> str:
    """Return the e-mail of whoever is in touch for the partner: the requester, or after they left another contact.

    That is the contact of the request when registered, else the first contact of the partner; '' when there is none.
    """
    for email in (request.requester, request.contact):
        found = await people.by_email(email)
        if found and found.is_a(Role.REQUESTER) and request.partner in found.partners:
            return email
    return next((person.email for person in await people.contacts(request.partner)), "")


async def is_fpm(email: str, people: People) -> bool:
    """Whether the directory has an FPM with this address."""
    return await person_as(Role.FPM, email, people) is not None


async def person_as(role: Role, email: str, people: People) -> Person | None:
    """Return who has this address in the directory, if they have the role."""
    found = await people.by_email(email) if email else None
    return found if found and found.is_a(role) else None

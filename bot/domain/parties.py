"""Who a request has to do with now: people and partners may have left the directory since it was made."""

from datetime import datetime

from bot.domain.covers import covered_by, covers_for
from bot.domain.lifecycle import Relation
from bot.domain.people import Partner, Person, Role
from bot.domain.ports import People
from bot.domain.request import SmeRequest
from bot.domain.view import relations_to


async def partner_of(request: SmeRequest, people: People) -> Partner:
    """Return the partner of a request; of one that was removed what the request itself says."""
    stored = await people.partner(request.partner)
    return stored or Partner(request.partner, request.partner, request.answers["region"], (), request.fpm)


async def relations_of(request: SmeRequest, person: Person, people: People, at: datetime) -> frozenset[Relation]:
    """Return what a person is to a request at a time, from stored facts only.

    For an FPM who has left the partner's FPMs act, and for one who is away the cover.
    """
    partner = await partner_of(request, people)
    is_fpm_gone = not await _is_fpm(request.fpm, people)
    acts_for = covered_by(await people.covers(), person.email, at)
    return relations_to(request, person, partner, acts_for=acts_for, is_fpm_gone=is_fpm_gone)


async def fpms_now(request: SmeRequest, people: People, at: datetime) -> list[str]:
    """Return the e-mails of who decides at a time: the cover while the FPM is away, else the FPM."""
    covers = covers_for(await people.covers(), request.fpm, at)
    return [email for email in covers if email not in {request.requester, request.sme}] or [request.fpm]


async def requester_now(request: SmeRequest, people: People) -> str:
    """Return the e-mail of whoever is in touch for the partner: the requester, or after they left another contact.

    That is the contact of the request when registered, else the first contact of the partner; '' when there is none.
    """
    contacts = {person.email for person in await people.contacts(request.partner)}
    wanted = (request.requester, request.contact, *sorted(contacts))
    return next((email for email in wanted if email in contacts), "")


async def _is_fpm(email: str, people: People) -> bool:
    found = await people.by_email(email)
    return found is not None and found.is_a(Role.FPM)

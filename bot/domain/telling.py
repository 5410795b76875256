"""Who is told of a change: the lifecycle's audiences turned into notices for people."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.deeds import ABOUT_A_RATING, Change, is_low_rating
from bot.domain.lifecycle import OPEN, Action, Audience, Status, Topic, transition
from bot.domain.notices import Notice
from bot.domain.parties import backups_asked, fpms_now, proposers_now, requester_now
from bot.domain.people import ERASED_AT, Partner, Role
from bot.domain.ports import People
from bot.domain.request import SmeRequest, happened

MOST_IN_A_COMMIT = 50
# Together with the row that they come from, what a commit takes.
MOST_SPREAD = 90
_ALSO_TO_THE_ACTOR = frozenset({Topic.RECEIPT, Topic.DECISION, Topic.PING})
_WAITS_FOR_THE_READER = frozenset(
    {Topic.DECISION, Topic.ASSIGNMENT, Topic.PING, Topic.RETURNED, Topic.ENGAGEMENT, Topic.PROPOSAL}
)


async def notices_for(change: Change, partner: Partner, people: People) -> list[Notice]:
    """Return one notice for each person who must hear of the change; the actor hears only of what waits for them.

    Somebody who is told twice is told what waits for them.
    """
    told: dict[str, Topic] = {}
    for audience, topic in sorted(_audiences(change), key=lambda each: each[1] not in _WAITS_FOR_THE_READER):
        for email in await _emails(audience, change, partner, people):
            if email and email not in told and (email != change.event.by or topic in _ALSO_TO_THE_ACTOR):
                told[email] = topic
    at, request = change.event.at, change.request
    sentence = f"{request.number} for {request.customer}: {happened(change.event)}"
    return [Notice(request.number, request.revision, topic, email, sentence, at, at) for email, topic in told.items()]


def within_a_commit(notices: Sequence[Notice]) -> list[Notice]:
    """Return the notices that a change is committed with: of very many, the rest as notices to be spread later."""
    kept, rest = list(notices[:MOST_IN_A_COMMIT]), notices[MOST_IN_A_COMMIT:]
    for start in range(0, len(rest), MOST_SPREAD):
        told = rest[start : start + MOST_SPREAD]
        whom = tuple((notice.topic, notice.recipient) for notice in told)
        kept.append(replace(told[0], topic=Topic.FAN_OUT, recipient=str(start), told=whom))
    return kept


def spread(fan_out: Notice) -> list[Notice]:
    """Return the notices that a fan-out notice stands for."""
    one = replace(fan_out, told=(), etag="")
    return [replace(one, topic=topic, recipient=recipient) for topic, recipient in fan_out.told]


async def deputies_for(
    notice: Notice, request: SmeRequest, partner: Partner, people: People, at: datetime
) -> list[Notice]:
    """Return who is told instead of a person who could not be reached at all (process.md sections 6 and 7).

    For the partner's FPM, asked to decide, the backup and the assigners; for another FPM the partner's and the
    assigners; for a receipt the FPM and the assigners.
    """
    person = await people.by_email(notice.recipient)
    name = person.name if person else notice.recipient
    if notice.topic is Topic.DECISION and request.status is Status.SUBMITTED:
        first = partner.backup_fpm if notice.recipient == partner.fpm else partner.fpm
        words = f"{name} could not be told that this waits for a decision."
    elif notice.topic is Topic.RECEIPT and request.status in OPEN:
        (first, *_), words = await fpms_now(request, people, at), f"the receipt could not be delivered to {name}."
    else:
        return []
    assigners = await people.assigners(request.answers["region"])
    told = dict.fromkeys((first, *(assigner.email for assigner in assigners)))
    sentence = f"{request.number} for {request.customer}: {words}"
    return [
        Notice(request.number, notice.revision, Topic.UNDELIVERED, email, sentence, at, at)
        for email in told
        if email and email != notice.recipient
    ]


def _audiences(change: Change) -> list[tuple[Audience, Topic]]:
    before = change.before.status if change.before else None
    row = transition(change.event.action, before, change.before.stage if change.before else None)
    found = list(row.told) if row else []
    if change.event.action is Action.AGREE and change.request.to_agree:
        # The others are still asked by the card that they have; they hear of it when all have agreed.
        found = [(audience, topic) for audience, topic in found if audience is Audience.SME]
    if change.event.details.get("about") == ABOUT_A_RATING:
        found = [(audience, topic) for audience, topic in found if audience is not Audience.SME]
    if is_low_rating(change):
        found = [(audience, Topic.ISSUE) for audience, _ in found]
    if row and row.assigners_when_approved and before is Status.APPROVED:
        found.append((Audience.ASSIGNERS, Topic.NEWS))
    return found


async def _emails(audience: Audience, change: Change, partner: Partner, people: People) -> list[str]:
    request = change.request
    match audience:
        case Audience.PROPOSER | Audience.ASSIGNERS if audience is Audience.PROPOSER or request.is_proactive:
            # What nobody of the partner asked for goes back to who proposed it, not to the assigners.
            return await proposers_now(request, people, change.event.at)
        case Audience.REQUESTER:
            return [await requester_now(request, people)]
        case Audience.CONTACT:
            # Somebody else's address is told; the requester's own only while they belong to the partner.
            is_own = request.contact == request.requester or request.contact.endswith(ERASED_AT)
            return [await requester_now(request, people) if is_own else request.contact]
        case Audience.FPM:
            return await fpms_now(request, people, change.event.at)
        case Audience.BACKUP_FPM:
            deciding = await fpms_now(request, people, change.event.at)
            return [email for email in await backups_asked(request, people) if email not in deciding]
        case Audience.PROGRAM:
            return [person.email for person in await people.with_role(Role.PROGRAM)]
        case Audience.ASSIGNERS:
            return [p.email for p in await people.assigners(request.answers["region"])]
    return _named(audience, change, partner)


def _named(audience: Audience, change: Change, partner: Partner) -> list[str]:
    """Return who is told of those whom the request or the partner names."""
    request, before = change.request, change.before
    match audience:
        case Audience.PARTNER_FPM:
            return [partner.fpm] if partner.fpm != request.fpm else []
        case Audience.SME:
            return [request.sme or (before.sme if before else "")]
    return list(before.issues_by) if before else []

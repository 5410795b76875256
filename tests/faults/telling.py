"""Who had to be told was told (I4), not more often than allowed (I5), and no card is behind its request (I10)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from email.message import EmailMessage

from bot.channel.messenger import NO_CONVERSATION
from bot.courier import OVERTAKEN
from bot.domain.engagement import Engagement
from bot.domain.lifecycle import OF_THE_CLOCK, Action, Audience, EngagementStatus, Status, Topic
from bot.domain.notices import OF_AGENDAS, WAITING, Notice, NoticeState, Way
from bot.domain.people import Role
from state.keys import key
from tests.faults.histories import Step, steps
from tests.faults.kept import Kept, KeptCase
from tests.stories import living_cards
from tests.stories.shown_card import Message
from tests.teams import FakeTeams

_ALSO_TO_THE_ACTOR = {Topic.RECEIPT, Topic.DECISION, Topic.PING}
_OF_NO_EVENT = {Topic.STATUS, Topic.UNDELIVERED} | OF_AGENDAS
_MOST_POSTS, _MOST_POSTS_IF_AMBIGUOUS = 1, 2


def faults(kept: Kept, teams: FakeTeams, mails: Sequence[EmailMessage], ambiguous: set[str]) -> Iterator[str]:
    for case in kept.cases:
        yield from _missing(case, kept)
    for notice in kept.notices:
        yield from (f"I4: {_name(notice)} {fault}" for fault in _undelivered(notice, kept, teams, mails))
    yield from _posted_too_often(kept, teams, ambiguous)
    yield from _behind(kept, teams, ambiguous)


def _name(notice: Notice) -> str:
    return f"the notice {notice.number}/{notice.revision}/{notice.topic} to {notice.recipient}"


def _missing(case: KeptCase, kept: Kept) -> Iterator[str]:
    told = defaultdict(set)
    for notice in case.notices:
        if notice.topic not in _OF_NO_EVENT:
            told[notice.revision].add(notice.recipient)
    for step in steps(case, kept):
        wanted, what = _to_tell(step, case, kept), f"{step.event.action} of {case.number}"
        yield from (f"I4: nobody tells {email} of {what}" for email in sorted(wanted - told[step.event.number]))
        if step.event.action in OF_THE_CLOCK:
            others = sorted(told[step.event.number] - wanted)
            yield from (f"I11: {email} is told of {what}" for email in others)


def _to_tell(step: Step, case: KeptCase, kept: Kept) -> set[str]:
    """Return who must hear of a step."""
    if step.row is None:
        return set()
    asked = list(step.row.told)
    if step.event.action is Action.AGREE and step.after.to_agree:
        # The others have the card that asks them, and hear of it when all have agreed.
        asked = [(audience, topic) for audience, topic in asked if audience is Audience.SME]
    if step.event.action is Action.ANSWER and step.event.details.get("about"):
        # What a partner says of an SME in a rating is not for the SME.
        asked = [(audience, topic) for audience, topic in asked if audience is not Audience.SME]
    if step.row.assigners_when_approved and step.before.status is Status.APPROVED:
        asked.append((Audience.ASSIGNERS, Topic.NEWS))
    found = set()
    for audience, topic in asked:
        emails = _emails(_meant(audience, step), step, case, kept)
        found |= {email for email in emails if email != step.event.by or topic in _ALSO_TO_THE_ACTOR}
    return found - {""}


def _meant(audience: Audience, step: Step) -> Audience:
    """What nobody of the partner has asked for comes back to who proposed it."""
    return Audience.PROPOSER if audience is Audience.ASSIGNERS and step.after.is_proposal else audience


def _emails(audience: Audience, step: Step, case: KeptCase, kept: Kept) -> set[str]:
    match audience:
        case Audience.REQUESTER:
            return {case.request.requester}
        case Audience.CONTACT:
            return {step.after.contact}
        case Audience.FPM:
            return {step.after.fpm}
        case Audience.PARTNER_FPM:
            return {kept.partners[case.request.partner].fpm}
        case Audience.SME:
            return {step.after.sme or step.before.sme}
        case Audience.REPORTERS:
            return set(step.before.reporters)
        case Audience.PROPOSER:
            return {case.request.proposed_by}
        case Audience.BACKUP_FPM:
            return {kept.backup_of(case.request, step.after.fpm)} - {case.request.requester}
    programme = {person.email for person in kept.people.values() if person.is_a(Role.PROGRAM)}
    return programme if audience is Audience.PROGRAM else kept.assigners(step.after.region)


def _undelivered(notice: Notice, kept: Kept, teams: FakeTeams, mails: Sequence[EmailMessage]) -> Iterator[str]:
    match notice.state, notice.way:
        case NoticeState.PARKED, _:
            if not notice.reason:
                yield "is parked without a reason"
        case NoticeState.DELIVERED, Way.TEAMS:
            yield from _not_in_chat(notice, teams)
        case NoticeState.DELIVERED, Way.MAIL:
            yield from _not_in_mail(notice, kept, mails)
        case NoticeState.DELIVERED, _:
            if not _is_followed(notice, kept):
                yield "was delivered in no way at all"
        case _:
            yield f"is {notice.state}, due at {notice.due_at}: {notice.reason}"


def _is_followed(notice: Notice, kept: Kept) -> bool:
    """Whether a notice has no card because another one that came took its place, or because nothing waits any more."""
    others = [n for n in kept.notices if n.recipient == notice.recipient and n.revision > notice.revision]
    if notice.topic in OF_AGENDAS:
        newer = [n for n in others if n.topic in OF_AGENDAS and n.activity_id not in {"", notice.activity_id}]
        return bool(newer) if notice.activity_id else notice.reason == OVERTAKEN
    if notice.topic is Topic.ENGAGEMENT:
        same = [n for n in others if (n.number, n.topic) == (notice.number, notice.topic)]
        newer = [n for n in same if n.activity_id not in {"", notice.activity_id}]
        return bool(newer) and (bool(notice.activity_id) or notice.reason == OVERTAKEN)
    if notice.topic is Topic.DECISION:
        return any((n.number, n.topic) == (notice.number, Topic.ESCALATION) for n in others)
    return notice.topic is Topic.STATUS


def _headline(notice: Notice) -> str:
    """Return what every message about a notice says above its card; what happened follows on the card."""
    return notice.sentence.partition("\n")[0]


def _not_in_chat(notice: Notice, teams: FakeTeams) -> Iterator[str]:
    owner = next((person for person in teams.people.values() if person.email == notice.recipient), None)
    if owner is None or owner.conversation != notice.conversation_id:
        yield f"was posted in the chat {notice.conversation_id}"
    elif all(message.id != notice.activity_id for message in owner.chat):
        yield "says that it was delivered, and there is no such card in the chat"


def _not_in_mail(notice: Notice, kept: Kept, mails: Sequence[EmailMessage]) -> Iterator[str]:
    subject = " ".join(_headline(notice).split())
    to_them = [mail for mail in mails if mail["To"] == notice.recipient]
    if not any(subject == mail["Subject"] or notice.topic is Topic.QUESTION for mail in to_them):
        yield "says that it was mailed, and there is no such mail"
    place = key("waiting", notice.recipient), key(notice.number)
    if notice.topic in WAITING and place not in kept.tables["views"]:
        yield "went by mail and does not wait for the person to install the app"
    if notice.topic in WAITING and notice.reason == NO_CONVERSATION and notice.recipient in kept.reachable:
        yield "still waits for the person to install the app, who has done so"


def _posted_too_often(kept: Kept, teams: FakeTeams, ambiguous: set[str]) -> Iterator[str]:
    """Count by chat and sentence, which stands in every message about a notice and tells of one event."""
    words = [*kept.words, *(n for n in kept.notices if n.topic not in OF_AGENDAS and n.topic is not Topic.STATUS)]
    told = Counter((n.recipient, _headline(n)) for n in words)
    headlines = {_headline(word) for word in kept.words}
    for person in teams.people.values():
        most = _MOST_POSTS_IF_AMBIGUOUS if person.conversation in ambiguous else _MOST_POSTS
        posts = Counter(message.summary.partition("\n")[0] for message in person.chat)
        for (email, sentence), notices in told.items():
            forgotten = kept.forgotten(email) if sentence in headlines else 0
            if email == person.email and posts[sentence] > most * (notices + forgotten):
                yield f"I5: {email} was told {posts[sentence]} times: {sentence}"


def _behind(kept: Kept, teams: FakeTeams, ambiguous: set[str]) -> Iterator[str]:
    known = defaultdict(set)
    for notice in kept.notices:
        known[notice.conversation_id].add(notice.activity_id)
        case = kept.by_number.get(notice.number)
        if case and notice.is_live_copy and notice.shown != case.request.revision:
            yield f"I10: {_name(notice)} shows revision {notice.shown}, not {case.request.revision}"
    for person in teams.people.values():
        for message in person.chat:
            # A copy whose answer was lost is known to nobody, and nobody can update it.
            if person.conversation not in ambiguous or message.id in known[person.conversation]:
                yield from (f"I10: {person.name} ({message.id}): {fault}" for fault in _dead_buttons(message, kept))


def _dead_buttons(message: Message, kept: Kept) -> Iterator[str]:
    for button in message.buttons:
        number = button.data.get("request")
        if number is None or button.verb in living_cards.READING:
            continue
        case = kept.by_number.get(number)
        if case is None:
            yield f"{button.verb!r} is about {number}, which is not kept"
        elif button.data.get("revision") != case.request.revision:
            yield f"{button.verb!r} is of revision {button.data.get('revision')}, not {case.request.revision}"
        elif button.verb not in _allowed(case):
            yield f"{button.verb!r} stands on a card of {number}, which is {case.request.status}"


def _allowed(case: KeptCase) -> set[str]:
    """Return what anybody may press; who sees which button is what the journeys look at."""
    request, engagement = case.request, case.engagement
    status, is_proposal = request.status, bool(request.proposed_by)
    if request.stage is EngagementStatus.PROPOSED and status is Status.APPROVED:
        return set().union(*living_cards.PROPOSED.values()) | ({"answer"} if request.open_issues else set())
    tables = (living_cards.REQUESTER, living_cards.FPM, living_cards.ASSIGNER)
    found = set().union(*(table.get(status, set()) for table in tables))
    if is_proposal:
        found = found - {"withdraw", "return", "deny", "reopen"} | ({"close"} if status is Status.APPROVED else set())
    if engagement and status is Status.ASSIGNED:
        found |= _of_the_work(engagement) | ({"agree"} if request.to_agree else set())
        found -= {"release"} if engagement.status is EngagementStatus.COMPLETED else set()
    is_unsaid = engagement is not None and engagement.accepted_at is not None and engagement.result is None
    if status is Status.CLOSED and is_proposal and is_unsaid:
        found.add("complete")
    if engagement and status in {Status.ASSIGNED, Status.CLOSED} and _is_to_be_rated(engagement):
        found.add("rate")
    return found | {"answer"} if request.open_issues else found


def _of_the_work(engagement: Engagement) -> set[str]:
    match engagement.status:
        case EngagementStatus.OFFERED:
            return living_cards.SME_OFFERED
        case EngagementStatus.ACTIVE:
            return living_cards.SME_ACTIVE | (set() if engagement.contacted_at else {"contacted"})
    return {"issue"} | (set() if engagement.result else {"complete"})


def _is_to_be_rated(engagement: Engagement) -> bool:
    is_over = engagement.status is EngagementStatus.COMPLETED
    return is_over and engagement.accepted_at is not None and engagement.rating is None

"""Compares what people were told with what is kept and shown, when all is healed and drained: invariants I1 to I12."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from bot.domain.lifecycle import Action
from tests.faults import at_rest, clockwork, engaged, histories, telling
from tests.faults.kept import Kept
from tests.teams import FakeTeams

Rows = Callable[[str], Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Acknowledged:
    """Somebody was told that what they did is done: the action's verb on this request, by this person."""

    number: str
    action: str
    by_email: str


@dataclass(frozen=True)
class Pressed:
    """Somebody pressed a button of a card that showed the request as of this revision."""

    number: str
    action: str
    by_email: str
    revision: int


@dataclass
class World:
    """Everything that is compared.

    `rows` gives a table's rows by "<partition> <key>". `acknowledged` is what people were told is done,
    `overtaken` what they were told is not done because the request had changed before. `attempted` are the form
    tokens (32 hex digits, `form` in the data of the card's buttons) of every submission that was sent at all.
    `ambiguous` are the conversation ids of chats in which a fault may have lost an answer after the post was taken.
    `now` is the bot's clock; without it, the time of day and the offset that local mode keeps. `may_lack` are the
    columns that rows of an older version do not have. `pressed` are all presses that were sent, None where nobody has
    kept them.
    """

    rows: Rows
    teams: FakeTeams
    mails: Sequence[EmailMessage] = ()
    acknowledged: list[Acknowledged] = field(default_factory=list)
    attempted: list[str] = field(default_factory=list)
    ambiguous: set[str] = field(default_factory=set)
    logs: str = ""
    now: datetime | None = None
    overtaken: list[Acknowledged] = field(default_factory=list)
    may_lack: frozenset[str] = frozenset()
    pressed: set[Pressed] | None = None

    @property
    def moment(self) -> datetime:
        if self.now:
            return self.now
        offset = self.rows("settings").get("clock offset", {"seconds": 0.0})
        return datetime.now(UTC) + timedelta(seconds=offset["seconds"])


def violations(world: World) -> list[str]:
    """Return what does not hold, each a sentence that begins with its invariant; nothing when all hold."""
    kept = Kept(world.rows, world.may_lack)
    return [
        *kept.faults,
        *_acknowledged(world, kept),
        *_submissions(world, kept),
        *(fault for case in kept.cases for fault in histories.faults(case, kept)),
        *telling.faults(kept, world.teams, world.mails, world.ambiguous),
        *clockwork.faults(kept, world.mails, world.moment),
        *engaged.faults(kept, world.teams, world.mails, world.moment),
        *_unseen(world, kept),
        *at_rest.faults(kept, world.moment),
        *at_rest.log_faults(kept, world.logs),
    ]


def _acknowledged(world: World, kept: Kept) -> Iterator[str]:
    for told in set(world.acknowledged):
        case = kept.by_number.get(told.number)
        done = [e for e in case.events if (e.action, e.by) == (told.action, told.by_email)] if case else []
        if not done:
            yield f"I1: {told.by_email} was told that {told.action} of {told.number} is done, and no event says so"
        if told.action == Action.SUBMIT and len(done) > 1:
            yield f"I1: {told.number} was submitted {len(done)} times"
    for told in set(world.overtaken):
        case = kept.by_number.get(told.number)
        done = [e for e in case.events if (e.action, e.by) == (told.action, told.by_email)] if case else []
        if done and told not in world.acknowledged:
            yield f"I1: {told.by_email} was told that {told.action} of {told.number} came too late, but it is theirs"
    for case in kept.cases:
        changes = Counter(case.operations)
        wanted = Counter(event.number for event in case.events)
        if changes != wanted:
            yield f"I1: {case.number} has operations of revisions {sorted(changes.elements())}, not {sorted(wanted)}"


def _submissions(world: World, kept: Kept) -> Iterator[str]:
    tokens = Counter(case.request.token for case in kept.cases)
    yield from (f"I2: {count} requests were made of the form {token}" for token, count in tokens.items() if count > 1)
    yield from (
        f"I2: nobody has submitted {case.number}" for case in kept.cases if case.request.token not in world.attempted
    )


def _unseen(world: World, kept: Kept) -> Iterator[str]:
    """Yield the agreements of which no press was made on a card that showed the kick-off agreed on."""
    for case in kept.cases:
        for step in histories.steps(case, kept) if world.pressed is not None else ():
            event, since = step.event, max(step.before.kickoff, 1)
            seen = {Pressed(case.number, event.action, event.by, r) for r in range(since, event.number)}
            if event.action is Action.AGREE and not seen & (world.pressed or set()):
                yield (
                    f"I12: the agreement of {event.by} at revision {event.number} of {case.number} is on the kick-off "
                    f"of revision {since}, which they had not seen"
                )

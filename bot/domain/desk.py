"""The request desk: the one way to change a request by pressing - load, decide, commit, nudge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.domain.access_desk import AccessDesk
from bot.domain.advance import advance
from bot.domain.agenda_desk import AgendaDesk
from bot.domain.covers import CoverDesk, covered_by
from bot.domain.deeds import Deed
from bot.domain.errors import Mistake, Refusal, Stale
from bot.domain.export_desk import ExportDesk
from bot.domain.export_reading import ExportReader
from bot.domain.feedback_desk import FeedbackDesk
from bot.domain.filing import Filing
from bot.domain.insights import Insights
from bot.domain.intake import ATTEMPTS, BUSY, Intake
from bot.domain.learning import Learning
from bot.domain.leaves import LeaveDesk
from bot.domain.lifecycle import OF_THE_CLOCK, Action, EngagementStatus, Relation
from bot.domain.listing import Listing
from bot.domain.lookup import Lookup
from bot.domain.numbers import operation, parse_number
from bot.domain.parties import person_as
from bot.domain.people import Person, Role
from bot.domain.portfolio import PortfolioDesk
from bot.domain.ports import Case, Clock, Shelves
from bot.domain.proposing import ProposalDesk
from bot.domain.record import RecordDesk
from bot.domain.routing import RoutingTable
from bot.domain.search import Search
from bot.domain.texts import email_in
from bot.domain.view import RequestView
from bot.domain.viewing import Viewing

REFRESH = "refresh"
_OF_FORMS = frozenset({Action.SUBMIT, Action.RESUBMIT, Action.PROPOSE})
PRESSABLE = frozenset(action.value for action in Action) - _OF_FORMS - OF_THE_CLOCK
UNKNOWN_BUTTON = "This button is not known here. Type help to see what you can do."


@dataclass(frozen=True, slots=True)
class Press:
    """A button on a request's card, as its sender claims it; only what storage says counts."""

    verb: str
    number: str
    revision: int
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person gets back: the request as it stands now, and a sentence when time had overtaken the card."""

    view: RequestView
    note: str = ""


class Desk:
    """All use cases: `intake` takes forms in, `lookup` finds requests, `press` does what a button on one says.

    `access` is the desk for who may come in, `covers` the one for FPMs who are away, `leaves` the one for SMEs who are,
    `agendas` the one for what waits for each person, `proposals` the one for help that Microsoft proposes. `listing`
    leafs through lists of requests, `search` finds some by what is typed, `records` shows one in full; `portfolio`,
    `insights` and `learning` tell what they add up to, `feedback` is the desk for what people say of the service.
    `filing` commits what any of them changes about requests. `nudge` is told the number of a request that leaves work
    behind.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the process, each named once at the composition root
        self,
        shelves: Shelves,
        viewing: Viewing,
        table: RoutingTable,
        clock: Clock,
        nudge: Callable[[str], None],
        access: AccessDesk,
    ) -> None:
        requests, lists, people, ledger = shelves.requests, shelves.lists, shelves.people, shelves.ledger
        self._requests = requests
        self._people = people
        self._viewing = viewing
        self._clock = clock
        self.filing = Filing(requests, people, shelves.agendas, viewing.calendars, nudge)
        self.access = access
        self.covers = CoverDesk(people, requests, clock)
        self.lookup = Lookup(requests, lists, people, viewing)
        self.search = Search(requests, lists, people, self.lookup)
        self.listing = Listing(requests, lists, people, self.lookup)
        self.agendas = AgendaDesk(requests, people, shelves.agendas, self.lookup, viewing.calendars, clock)
        self.proposals = ProposalDesk(requests, lists, people, self.lookup, self.filing, clock)
        self.leaves = LeaveDesk(people, clock)
        self.learning = Learning(requests, people)
        self.feedback = FeedbackDesk(shelves.feedbacks, people, clock, nudge)
        self.records = RecordDesk(requests, people, self.lookup, viewing)
        self.insights = Insights(people, ledger, lists, clock)
        self.portfolio = PortfolioDesk(
            people, ledger, lists, shelves.reviews, self.insights, self.learning, self.lookup, clock
        )
        self.intake = Intake(requests, people, viewing, self.lookup, self.filing, table, clock, ledger)
        self.exports = ExportDesk(ExportReader(requests, ledger, people, clock), shelves.export_jobs, clock, nudge)

    async def press(self, person: Person, press: Press) -> Answer:
        """Do what a button says, once; a second or overtaken press answers with the request as it stands.

        Raises Refusal or Mistake with a sentence for the person; nothing has changed then.
        """
        number = parse_number(press.number) or ""
        # The inputs count too: other words on the same card are not the same press, and must not get lost unnoticed.
        given = (part for pair in sorted(press.inputs.items()) for part in pair)
        operation_key = operation(person.email, press.verb, number, press.revision, *given)
        for _ in range(ATTEMPTS):
            case = await self.lookup.known_to(person, number)
            if press.verb == REFRESH:
                return Answer(await self._viewing.of(case, person))
            if await self._requests.number_done(case.request.partner, operation_key):
                # Read anew: another instance may have done it since the case was read.
                return Answer(await self.lookup.reload(number, person))
            relations = await self.lookup.relations(case.request, person)
            # What the clock did since, or others beside it, moves no card out from under a finger.
            is_present = case.request.last_deed <= press.revision <= case.request.revision
            if not relations or not is_present:
                return await self._overtaken(case, person)
            try:
                deed = await self._deed(person, relations, press, case)
                change = advance(case.request, deed, self._clock(), case.engagement)
                if await self.filing.filed(case, change, operation_key):
                    return Answer(await self.lookup.reload(number, person))
            except Stale:
                return await self._overtaken(case, person)
        raise Refusal(BUSY)

    async def _deed(self, person: Person, relations: frozenset[Relation], press: Press, case: Case) -> Deed:
        if press.verb not in PRESSABLE:
            raise Refusal(UNKNOWN_BUTTON)
        action = Action(press.verb)
        target = None
        if action is Action.DELEGATE:
            target = await self._chosen(press.inputs, "delegate_to", Role.FPM)
        elif action is Action.ASSIGN:
            target = await self._chosen(press.inputs, "sme", Role.SME)
        elif action is Action.AGREE and case.request.stage is EngagementStatus.PROPOSED and case.engagement:
            await self._check_proposed(case.engagement.sme)
        theirs = await self.lookup.relations(case.request, target) if target else frozenset()
        behalf = await self._on_behalf(person, relations, case)
        return Deed(action, person, relations, press.inputs, target, theirs, on_behalf=behalf)

    async def _check_proposed(self, sme: str) -> None:
        """Raise Refusal when the SME who was proposed is not there any more."""
        if await person_as(Role.SME, sme, self._people) is None:
            raise Refusal("The SME who was proposed is not available any more. Please report an issue: your FPM helps.")

    async def _on_behalf(self, person: Person, relations: frozenset[Relation], case: Case) -> Person | None:
        """Return the FPM whom a cover acts for, so that both names stand in the history."""
        away = covered_by(await self._people.covers(), person.email, self._clock())
        is_cover = Relation.FPM in relations and case.request.fpm in away
        return await self._people.by_email(case.request.fpm) if is_cover else None

    async def _chosen(self, inputs: Mapping[str, str], key: str, role: Role) -> Person | None:
        typed = email_in(inputs, key)
        found = await person_as(role, typed, self._people)
        if typed and found is None:
            raise Mistake(f"The directory has no {role.value.upper()} with this e-mail address.")
        return found

    async def _overtaken(self, case: Case, person: Person) -> Answer:
        return Answer(await self._viewing.of(case, person), note="This had changed before your press.")

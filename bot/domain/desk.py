"""The request desk: the one way to change a request - load, decide, commit, nudge - and to look at one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bot.domain.errors import Mistake, Refusal, Stale
from bot.domain.fields import Answers, FormContext
from bot.domain.form import REVIEW, next_stop, settled, verdict_of
from bot.domain.lifecycle import Action, Relation, Status, Topic
from bot.domain.notices import Notice
from bot.domain.numbers import operation, parse_number, partner_of, request_number
from bot.domain.people import Partner, Person, Role
from bot.domain.ports import Case, Clock, Lists, People, Raced, Requests, Summary
from bot.domain.repeats import REPEAT_WINDOW, earlier_among
from bot.domain.request import Deed, Earlier, Event, SmeRequest, advance, begin, words
from bot.domain.routing import Outcome, RoutingTable, Verdict
from bot.domain.telling import notices_for
from bot.domain.view import RequestView, relations_to
from bot.domain.viewing import Viewing

FORM_VERSION = "1"
NOT_FOUND = "I know no such request of yours. Type my requests to see what you can open."
BUSY = "Somebody else is changing this request at the same moment. Please press again."
INCOMPLETE = "Some answers are missing or no longer fit. Please go through the form again."
_ATTEMPTS = 8
_LIST_LENGTH = 10
_FORM_KEYS_OF_ONE_WORKLOAD = frozenset({"workload", "seat_count", "topic", "exception_reason"})
_PRESSABLE = frozenset(Action) - {Action.SUBMIT, Action.RESUBMIT}


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
    """All use cases of one partner's requests. `nudge` is told the number of a request that leaves work behind."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the process, each named once at the composition root
        self,
        requests: Requests,
        lists: Lists,
        people: People,
        viewing: Viewing,
        table: RoutingTable,
        clock: Clock,
        nudge: Callable[[str], None],
    ) -> None:
        self._requests = requests
        self._lists = lists
        self._people = people
        self._viewing = viewing
        self._table = table
        self._clock = clock
        self._nudge = nudge

    async def form_context(self, person: Person, answers: Answers) -> FormContext:
        """Return what the form's pages need; its answers are those that still have a question."""
        partners = {code: p for code in person.partners if (p := await self._people.partner(code))}
        fpms = {p.email: p.name for p in await self._people.with_role(Role.FPM)}
        context = FormContext(person, partners, fpms, answers, verdict_of(self._table, answers))
        return replace(context, answers=settled(context))

    async def earlier(self, person: Person, answers: Answers, besides: str = "") -> tuple[Earlier, ...]:
        """Return duplicates and repeats of the answers among the partner's requests, but for the request `besides`."""
        partner = answers["partner_name"]
        if partner not in person.partners:
            return ()
        at = self._clock()
        workload, topic = answers["workload"], answers["topic"]
        numbers = await self._requests.open_for_customer(partner, answers["tenant_id"], workload)
        numbers += await self._requests.on_topic(partner, workload, topic, at - REPEAT_WINDOW)
        cases = [await self._requests.load(n) for n in dict.fromkeys(numbers) if n != besides]
        return earlier_among([c.request for c in cases if c], answers, at)

    async def submit(self, person: Person, token: str, answers: Answers) -> RequestView:
        """Make the request of a form; the form's token gives its number, so that the same form twice is one request.

        Raises Mistake when answers do not stand, Refusal when they lead to no request.
        """
        partner, verdict, settled_answers = await self._checked(person, answers)
        earlier = await self.earlier(person, settled_answers)
        for attempt in range(_ATTEMPTS):
            number = request_number(partner.code, token, attempt)
            standing = await self._requests.load(number)
            if standing and standing.request.token == token:
                return await self._viewing.of(standing, person)
            if standing:
                continue
            draft = self._draft(person, partner, number, token, settled_answers, verdict, earlier)
            change = begin(draft, person)
            notices = await notices_for(change, partner, self._people)
            try:
                await self._requests.commit(None, change, notices, operation("submit", token))
            except Raced:
                return await self.submit(person, token, answers)
            self._nudge(number)
            return await self._reload(number, person)
        raise Refusal(BUSY)

    async def resubmit(self, person: Person, number: str, token: str, answers: Answers) -> RequestView:
        """Send a returned request again with these answers. Raises Stale when it is not returned (anymore)."""
        _, verdict, settled_answers = await self._checked(person, answers)
        earlier = await self.earlier(person, settled_answers, besides=number)
        operation_key = operation("resubmit", token)
        for _ in range(_ATTEMPTS):
            case = await self._visible(person, number)
            if await self._requests.was_done(case.request.partner, operation_key):
                return await self._viewing.of(case, person)
            relations = await self._relations(case.request, person)
            deed = Deed(
                Action.RESUBMIT, person, relations, answers=settled_answers, verdict=verdict, earlier=earlier
            )  # fmt: skip
            if await self._committed(case, deed, operation_key):
                return await self._reload(number, person)
        raise Refusal(BUSY)

    async def press(self, person: Person, press: Press) -> Answer:
        """Do what a button says, once; a second or overtaken press answers with the request as it stands.

        Raises Refusal or Mistake with a sentence for the person; nothing has changed then.
        """
        operation_key = operation(person.email, press.verb, press.number, press.revision)
        for _ in range(_ATTEMPTS):
            case = await self._known_to(person, press.number)
            if press.verb == "refresh" or await self._requests.was_done(case.request.partner, operation_key):
                return Answer(await self._viewing.of(case, person))
            if not await self._relations(case.request, person):
                return await self._overtaken(case, person)
            try:
                deed = await self._deed(person, press, case)
                if press.revision != case.request.revision:
                    return await self._overtaken(case, person)
                if await self._committed(case, deed, operation_key):
                    return Answer(await self._reload(press.number, person))
            except Stale:
                return await self._overtaken(case, person)
        raise Refusal(BUSY)

    async def view(self, person: Person, number: str) -> RequestView:
        """Return a request with its history. Raises Refusal, the same for an unknown and for somebody else's number."""
        case = await self._visible(person, number)
        return await self._viewing.of(case, person, history=await self._requests.history(case.request.number))

    async def by_token(self, person: Person, token: str) -> RequestView | None:
        """Return the request that a form became, if it did."""
        for code in person.partners:
            for attempt in range(_ATTEMPTS):
                case = await self._requests.load(request_number(code, token, attempt))
                if case is None:
                    break
                if case.request.token == token:
                    return await self._viewing.of(case, person)
        return None

    async def own_requests(self, person: Person) -> list[Summary]:
        """Return the newest requests of the person's partners."""
        found = [row for code in person.partners for row in await self._lists.of_partner(code, _LIST_LENGTH)]
        return sorted(found, key=lambda row: row.at, reverse=True)[:_LIST_LENGTH]

    async def inbox(self, person: Person) -> list[Summary]:
        """Return what waits for the person, the most urgent first."""
        found = await self._lists.inbox(person.email, _LIST_LENGTH)
        if person.is_a(Role.ASSIGNER):
            for region in await self._regions_served(person):
                found += await self._lists.approved(region, _LIST_LENGTH)
        return sorted(found, key=lambda row: row.at)[:_LIST_LENGTH]

    async def engagements(self, person: Person) -> list[Summary]:
        """Return the SME's engagements."""
        return await self._lists.of_sme(person.email, _LIST_LENGTH)

    async def answers_to_fix(self, person: Person, number: str) -> tuple[dict[str, str], RequestView]:
        """Return the answers of a returned request. Raises Refusal when it is not returned (anymore)."""
        view = await self.view(person, number)
        if Action.RESUBMIT not in view.allowed:
            raise Refusal(f"There is nothing to fix: this request is {view.request.status.value}.")
        return dict(view.request.answers), view

    async def answers_for_another(self, person: Person, number: str) -> dict[str, str]:
        """Return the answers to ask for another workload for the same customer."""
        view = await self.view(person, number)
        if Relation.REQUESTER not in view.relations:
            raise Refusal("Only the partner who asked can ask for another workload.")
        return {k: v for k, v in view.request.answers.items() if k not in _FORM_KEYS_OF_ONE_WORKLOAD}

    async def ask_fpm(self, person: Person, question: str, token: str) -> str:
        """Bring a question to the FPM of the person's partner; the same card's question once. Raises Mistake."""
        text = words({"question": question}, "question", required="Please write your question first.")
        partner = await self._people.partner(person.partners[0]) if person.partners else None
        if partner is None:
            raise Refusal("You belong to no partner here, so there is no FPM to ask.")
        at = self._clock()
        number = request_number(partner.code, operation(person.email, token, text))
        notice = Notice(number, 0, Topic.QUESTION, partner.fpm, text, at, at, sender=person.email)
        await self._requests.add_notice(notice)
        self._nudge(number)
        return f"Your question is on its way to {await self._name(partner.fpm)}, who will answer you directly."

    async def _name(self, email: str) -> str:
        person = await self._people.by_email(email)
        return person.name if person else email

    async def _regions_served(self, person: Person) -> list[str]:
        return [r for r in self._viewing.regions if person in await self._people.assigners(r)]

    async def _checked(self, person: Person, answers: Answers) -> tuple[Partner, Verdict, dict[str, str]]:
        context = await self.form_context(person, answers)
        if next_stop(context) != REVIEW or context.verdict is None:
            raise Mistake(INCOMPLETE)
        if context.verdict.outcome is Outcome.SELF_DEPLOY:
            raise Refusal(context.verdict.reason)
        return context.partners[context.answers["partner_name"]], context.verdict, dict(context.answers)

    def _draft(  # noqa: PLR0913, PLR0917 - everything a request begins with
        self,
        person: Person,
        partner: Partner,
        number: str,
        token: str,
        answers: dict[str, str],
        verdict: Verdict,
        earlier: tuple[Earlier, ...],
    ) -> SmeRequest:
        at = self._clock()
        return SmeRequest(
            number=number,
            token=token,
            partner=partner.code,
            requester=person.email,
            answers=answers,
            verdict=verdict,
            form_version=FORM_VERSION,
            status=Status.SUBMITTED,
            revision=1,
            fpm=answers["fpm"],
            submitted_at=at,
            triage_from=at,
            decide_from=at,
            last=Event(1, Action.SUBMIT, person.email, person.name, at),
            earlier=earlier,
        )

    async def _relations(self, request: SmeRequest, person: Person) -> frozenset[Relation]:
        partner = await self._people.partner(request.partner)
        return relations_to(request, person, partner) if partner else frozenset()

    async def _visible(self, person: Person, number: str) -> Case:
        known = parse_number(number)
        case = await self._requests.load(known) if known else None
        if case is None or not await self._relations(case.request, person):
            raise Refusal(NOT_FOUND)
        return case

    async def _known_to(self, person: Person, number: str) -> Case:
        """Return a case that the person may see, or once had a part in: their old cards are answered, not denied."""
        known = parse_number(number)
        case = await self._requests.load(known) if known else None
        if case is None:
            raise Refusal(NOT_FOUND)
        if not await self._relations(case.request, person):
            history = await self._requests.history(case.request.number)
            involved = {
                case.request.answers["fpm"],
                *(e.by for e in history),
                *(e.details.get("to", "") for e in history),
            }
            if person.email not in involved:
                raise Refusal(NOT_FOUND)
        return case

    async def _reload(self, number: str, person: Person) -> RequestView:
        case = await self._requests.load(number)
        if case is None:
            raise Refusal(NOT_FOUND)
        return await self._viewing.of(case, person)

    async def _deed(self, person: Person, press: Press, case: Case) -> Deed:
        if press.verb not in _PRESSABLE:
            raise Refusal("This button is not known here. Type help to see what you can do.")
        action = Action(press.verb)
        target = None
        if action is Action.DELEGATE:
            target = await self._chosen(press.inputs, "delegate_to", Role.FPM)
        elif action is Action.ASSIGN:
            target = await self._chosen(press.inputs, "sme", Role.SME)
        relations = await self._relations(case.request, person)
        return Deed(action, person, relations, press.inputs, target)

    async def _chosen(self, inputs: Mapping[str, str], key: str, role: Role) -> Person | None:
        typed = (inputs.get(f"{key}_other", "") or inputs.get(key, "")).strip().lower()
        found = await self._people.by_email(typed) if typed else None
        if typed and (found is None or not found.is_a(role)):
            raise Mistake(f"The directory has no {role.value.upper()} with this e-mail address.")
        return found

    async def _committed(self, case: Case, deed: Deed, operation_key: str) -> bool:
        """Commit what the deed makes of the case; False when somebody else was first."""
        change = advance(case.request, deed, self._clock(), case.engagement)
        partner = await self._people.partner(partner_of(case.request.number))
        notices = await notices_for(change, partner, self._people) if partner else []
        try:
            await self._requests.commit(case, change, notices, operation_key)
        except Raced:
            return False
        self._nudge(case.request.number)
        return True

    async def _overtaken(self, case: Case, person: Person) -> Answer:
        return Answer(await self._viewing.of(case, person), note="This had changed before your press.")

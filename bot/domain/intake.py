"""The intake: answers of a form become a request, or a returned request is sent again."""

from dataclasses import replace
from datetime import datetime

from bot.domain.advance import advance, begin
from bot.domain.deeds import NOT_YOURS, Deed
from bot.domain.errors import Mistake, Refusal
from bot.domain.fields import Answers, FormContext
from bot.domain.filing import Filing
from bot.domain.form import REVIEW, SELF_DEPLOY, next_stop, settled, verdict_of
from bot.domain.learning import Learning, Lesson
from bot.domain.lifecycle import Action, Relation, Status, Topic
from bot.domain.lookup import Lookup
from bot.domain.notices import Notice
from bot.domain.numbers import operation, request_number
from bot.domain.people import Partner, Person, Role
from bot.domain.ports import Clock, Deflection, Ledger, People, Requests
from bot.domain.repeats import REPEAT_WINDOW, earlier_among
from bot.domain.request import Earlier, Event, SmeRequest, happened
from bot.domain.routing import RoutingTable, Verdict
from bot.domain.texts import words
from bot.domain.view import RequestView
from bot.domain.viewing import Viewing

FORM_VERSION = "1"
BUSY = "Somebody else is changing this request at the same moment. Please press again."
INCOMPLETE = "Some answers are missing or no longer fit. Please go through the form again."
CHANGED = "This request has changed since you began to fix it. Please press fix on its newest card."
ATTEMPTS = 8
_KEYS_OF_ONE_WORKLOAD = frozenset({"workload", "seat_count", "topic", "exception_reason"})


class Intake:
    """Everything that the form needs from the process, and what becomes of its answers."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the process, each named once at the composition root
        self,
        requests: Requests,
        people: People,
        viewing: Viewing,
        lookup: Lookup,
        filing: Filing,
        table: RoutingTable,
        clock: Clock,
        ledger: Ledger,
    ) -> None:
        self._requests = requests
        self._people = people
        self._viewing = viewing
        self._lookup = lookup
        self._filing = filing
        self._table = table
        self._clock = clock
        self._ledger = ledger

    async def form_context(self, person: Person, answers: Answers) -> FormContext:
        """Return what the form's pages need; its answers are those that still have a question."""
        codes = person.partners if person.is_a(Role.REQUESTER) else ()
        partners = {code: p for code in codes if (p := await self._people.partner(code))}
        fpms = {p.email: p.name for p in await self._people.with_role(Role.FPM)}
        context = FormContext(person, partners, fpms, answers, verdict_of(self._table, answers))
        return replace(context, answers=settled(context))

    async def deflected(self, person: Person, token: str, answers: Answers) -> None:
        """Count that guidance took the place of a request (process.md section 3); once for a form and its workload."""
        partner = answers.get("partner_name") or next(iter(person.partners), "")
        seats, at = int(answers["seat_count"]), self._clock()
        deflection = Deflection(partner, token, answers["workload"], answers["region"], seats, at)
        await self._requests.add_deflection(deflection)
        await self._ledger.enter_deflection(deflection)

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

    async def lessons(self, person: Person, answers: Answers) -> tuple[Lesson, ...]:
        """Return what the partner's people have learned on the topic before."""
        partner = answers["partner_name"]
        if partner not in person.partners:
            return ()
        return await Learning(self._requests, self._people).on(partner, answers["workload"], answers["topic"])

    async def submit(self, person: Person, token: str, answers: Answers) -> RequestView:
        """Make the request of a form; the form's token gives its number, so that the same form twice is one request.

        Raises Mistake when answers do not stand, Refusal when they lead to no request.
        """
        partner, verdict, settled_answers = await self._checked(person, answers)
        earlier = await self.earlier(person, settled_answers)
        for attempt in range(ATTEMPTS):
            number = request_number(partner.code, token, attempt)
            standing = await self._requests.load(number)
            if standing and standing.request.token == token:
                return await self._viewing.of(standing, person)
            if standing:
                continue
            draft = draft_of(person, number, token, settled_answers, verdict, earlier, self._clock())
            is_first = await self._filing.filed(None, begin(draft, person), operation("submit", token))
            return await (self._lookup.reload(number, person) if is_first else self.submit(person, token, answers))
        raise Refusal(BUSY)

    async def resubmit(self, person: Person, number: str, token: str, answers: Answers, revision: int) -> RequestView:
        """Send a returned request again with these answers, which were begun at a revision of it.

        Raises Stale when it is not returned (anymore), Refusal when somebody has changed it since.
        """
        shown = await self._lookup.visible(person, number)
        if Relation.REQUESTER not in await self._lookup.relations(shown.request, person):
            raise Refusal(NOT_YOURS)
        _, verdict, settled_answers = await self._checked(person, answers)
        earlier = await self.earlier(person, settled_answers, besides=number)
        operation_key = operation("resubmit", token)
        for _ in range(ATTEMPTS):
            case = await self._lookup.visible(person, number)
            if await self._requests.number_done(case.request.partner, operation_key):
                return await self._lookup.reload(case.request.number, person)
            if case.request.status is Status.RETURNED and revision != case.request.revision:
                raise Refusal(f"{CHANGED} {happened(case.request.last)}")
            relations = await self._lookup.relations(case.request, person)
            deed = Deed(
                Action.RESUBMIT, person, relations, answers=settled_answers, verdict=verdict, earlier=earlier
            )  # fmt: skip
            change = advance(case.request, deed, self._clock(), case.engagement)
            if await self._filing.filed(case, change, operation_key):
                return await self._lookup.reload(case.request.number, person)
        raise Refusal(BUSY)

    async def by_token(self, person: Person, token: str) -> RequestView | None:
        """Return the request that a form became or sent again, if it did."""
        for code in person.partners:
            if number := await self._requests.number_done(code, operation("resubmit", token)):
                return await self._lookup.reload(number, person)
            for attempt in range(ATTEMPTS):
                case = await self._requests.load(request_number(code, token, attempt))
                if case is None:
                    break
                if case.request.token == token:
                    return await self._viewing.of(case, person)
        return None

    async def answers_to_fix(self, person: Person, number: str) -> tuple[dict[str, str], RequestView]:
        """Return the answers of a returned request. Raises Refusal when it is not returned (anymore)."""
        view = await self._lookup.view(person, number)
        if Relation.REQUESTER not in view.relations:
            raise Refusal(NOT_YOURS)
        if Action.RESUBMIT not in view.allowed:
            raise Refusal(f"There is nothing to fix: this request is {view.request.status.value}.")
        return {**view.request.answers, "fpm": view.request.fpm}, view

    async def answers_for_another(self, person: Person, number: str) -> dict[str, str]:
        """Return the answers to ask for another workload for the same customer."""
        view = await self._lookup.view(person, number)
        if Relation.REQUESTER not in view.relations:
            raise Refusal("Only the partner who asked can ask for another workload.")
        return {k: v for k, v in view.request.answers.items() if k not in _KEYS_OF_ONE_WORKLOAD}

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
        self._filing.nudge(number)
        return f"Your question is on its way to {await self._name(partner.fpm)}, who will answer you directly."

    async def _name(self, email: str) -> str:
        person = await self._people.by_email(email)
        return person.name if person else email

    async def _checked(self, person: Person, answers: Answers) -> tuple[Partner, Verdict, dict[str, str]]:
        context = await self.form_context(person, answers)
        stop = next_stop(context)
        if stop == SELF_DEPLOY and context.verdict:
            raise Refusal(context.verdict.reason)
        if stop != REVIEW or context.verdict is None:
            raise Mistake(INCOMPLETE)
        return context.partners[context.answers["partner_name"]], context.verdict, dict(context.answers)


def draft_of(  # noqa: PLR0913, PLR0917 - everything a request begins with
    person: Person,
    number: str,
    token: str,
    answers: dict[str, str],
    verdict: Verdict,
    earlier: tuple[Earlier, ...],
    at: datetime,
) -> SmeRequest:
    """Return the request that a person submits at a time (UTC), to the partner and the FPM of the answers."""
    return SmeRequest(
        number=number,
        token=token,
        partner=answers["partner_name"],
        requester=person.email,
        requester_tenant=person.tenant_id,
        requester_object=person.object_id,
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
        last_deed=1,
        earlier=earlier,
    )

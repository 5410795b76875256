"""Help that Microsoft proposes to a partner (R:229): by an FPM or assigner, with the partner's agreement first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.advance import at_stage_of
from bot.domain.catalogues import TOPICS, WORKLOADS
from bot.domain.covers import covered_by
from bot.domain.deeds import NOT_YOURS, Change
from bot.domain.engagement import Proposal, proposed
from bot.domain.engaging import proposal_in
from bot.domain.errors import Mistake, Refusal
from bot.domain.filing import Filing
from bot.domain.intake import ATTEMPTS, BUSY, FORM_VERSION
from bot.domain.lifecycle import Action, Status
from bot.domain.lookup import Lookup
from bot.domain.matching import MOST_OFFERED
from bot.domain.numbers import operation, request_number
from bot.domain.parties import is_fpm, person_as
from bot.domain.people import Partner, Person, Role
from bot.domain.ports import Case, Clock, Lists, People, Requests
from bot.domain.repeats import EXEMPT_TOPIC
from bot.domain.request import Event, SmeRequest
from bot.domain.routing import Outcome, Verdict
from bot.domain.texts import email_in
from bot.domain.view import RequestView

NO_PARTNER = "You look after no such partner. Please type propose and the code of one of yours."
NO_CONTACT = "The partner has no registered contact with this e-mail address."
NO_SME = "The directory has no SME with this e-mail address."
PROPOSED_TOPICS: Mapping[str, str] = {code: label for code, label in TOPICS.items() if code != EXEMPT_TOPIC}
"""What help is proposed on: a migration is asked for."""
MOST_PARTNERS = 100
_SOON = timedelta(days=7)
"""Who goes on leave within these days is offered last."""
_RULE = Verdict(Outcome.ELIGIBLE, (), "proposal", "1", "Proposed by Microsoft")


@dataclass(frozen=True, slots=True)
class ProposalForm:
    """What can be chosen in a proposal; `token` makes the form sent twice one proposal."""

    token: str
    partners: tuple[Partner, ...]
    contacts: tuple[Person, ...]
    smes: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class ProposalDesk:
    """What FPMs and assigners can do about proactive help."""

    requests: Requests
    lists: Lists
    people: People
    lookup: Lookup
    filing: Filing
    clock: Clock

    async def form(self, person: Person, code: str, token: str) -> ProposalForm:
        """Return the form, for one partner when its code is given. Raises Refusal."""
        partners = await self._partners(person, code)
        contacts = [each for partner in partners[:MOST_OFFERED] for each in await self.people.contacts(partner.code)]
        loads = await self.lists.loads()
        smes = [each for each in await self.people.with_role(Role.SME) if each.email != person.email]
        regions = {partner.region for partner in partners}
        today, soon = self.clock().date(), self.clock().date() + _SOON
        away = {each.email for each in await self.people.leaves() if each.first <= soon and each.last >= today}
        smes.sort(
            key=lambda sme: (
                sme.email in away,
                regions.isdisjoint(sme.regions),
                loads.get(sme.email, 0) - sme.capacity,
                sme.name,
            )
        )
        return ProposalForm(token, tuple(partners), tuple(contacts[:MOST_OFFERED]), tuple(smes[:MOST_OFFERED]))

    async def propose(self, person: Person, token: str, inputs: Mapping[str, str]) -> RequestView:
        """File a proposal; the form's token gives its number, so that the same form twice is one.

        Raises Mistake when something filled in cannot be taken, Refusal when the person may not propose.
        """
        partners = await self._partners(person, inputs.get("partner", ""))
        if len(partners) > 1:
            raise Mistake("Please choose a partner.")
        partner = partners[0]
        contact = await self._contact(partner, inputs)
        sme = await self._sme(inputs)
        workload, topic = inputs.get("workload", ""), inputs.get("topic", "")
        if workload not in WORKLOADS or topic not in PROPOSED_TOPICS:
            raise Mistake("Please choose a workload and a topic.")
        proposal = proposal_in(inputs, self.clock())
        # An FPM who has left is stood in for by whoever proposes.
        fpm = partner.fpm if await is_fpm(partner.fpm, self.people) else person.email
        if contact.email == person.email or len({contact.email, sme.email, fpm}) < 3:  # noqa: PLR2004 - its three parts
            raise Mistake("Contact, SME and FPM of a request are three different people.")
        for attempt in range(ATTEMPTS):
            number = request_number(partner.code, token, attempt)
            standing = await self.requests.load(number)
            if standing and standing.request.token == token:
                return await self._sent_already(person, standing, proposal, sme, contact)
            if standing:
                continue
            answers = {
                "partner_name": partner.code,
                "region": partner.region,
                "contact_email": contact.email,
                "fpm": fpm,
                "workload": workload,
                "topic": topic,
                "delivery_team": "FTP Partner",
            }
            change = self._change(person, contact, sme, proposal, number, token, answers)
            is_first = await self.filing.filed(None, change, operation("propose", token))
            return await (self.lookup.reload(number, person) if is_first else self.propose(person, token, inputs))
        raise Refusal(BUSY)

    async def _sent_already(
        self, person: Person, standing: Case, proposal: Proposal, sme: Person, contact: Person
    ) -> RequestView:
        """Return the proposal that a form became. Raises Refusal when the form says something else now."""
        view = await self.lookup.view(person, standing.request.number)
        engagement = standing.engagement
        is_same = engagement is not None and engagement.proposal == proposal and contact.email == view.request.requester
        if not is_same or (engagement and view.request.engagements == 1 and engagement.sme != sme.email):
            raise Refusal(f"This form was sent already, as {view.request.number}. Type propose for another one.")
        return view

    def _change(  # noqa: PLR0913, PLR0917 - who proposes what to whom
        self,
        by: Person,
        contact: Person,
        sme: Person,
        proposal: Proposal,
        number: str,
        token: str,
        answers: Mapping[str, str],
    ) -> Change:
        at = self.clock()
        to = {"to": contact.email, "to_name": contact.name}
        event = Event(1, Action.PROPOSE, by.email, by.name, at, details=to)
        engagement = proposed(number, sme.email, at, proposal)
        draft = SmeRequest(
            number=number,
            token=token,
            partner=answers["partner_name"],
            requester=contact.email,
            requester_tenant=contact.tenant_id,
            requester_object=contact.object_id,
            answers=answers,
            verdict=_RULE,
            form_version=FORM_VERSION,
            status=Status.APPROVED,
            revision=1,
            fpm=answers["fpm"],
            submitted_at=at,
            triage_from=at,
            decide_from=at,
            triaged_at=at,
            engagements=1,
            last=event,
            last_deed=1,
            proposed_by=by.email,
        )
        return Change(None, at_stage_of(engagement, draft), event, engagement)

    async def _partners(self, person: Person, code: str) -> list[Partner]:
        """Return whom the person may propose help to: an FPM the own partners, an assigner any that is named."""
        if not person.roles & {Role.FPM, Role.ASSIGNER}:
            raise Refusal(NOT_YOURS)
        wanted = code.strip().upper()
        own = await self._own_partners(person)
        if not wanted:
            if not own:
                raise Refusal("Please add the code of the partner, like: propose CONTOSO")
            return own[:MOST_PARTNERS]
        named = [partner for partner in own if partner.code == wanted]
        if not named and person.is_a(Role.ASSIGNER) and (found := await self.people.partner(wanted)):
            named = [found]
        if not named:
            raise Refusal(NO_PARTNER)
        return named

    async def _own_partners(self, person: Person) -> list[Partner]:
        """Return the partners of an FPM, of those whose cover they are, and as the backup those without an FPM."""
        if not person.is_a(Role.FPM):
            return []
        away = covered_by(await self.people.covers(), person.email, self.clock())
        found = [partner for email in sorted(away) for partner in await self.people.partners_of(email)]
        theirs = [partner for partner in found if partner.fpm in away]
        own = await self.people.partners_of(person.email)
        theirs += [each for each in own if each.fpm == person.email or not await is_fpm(each.fpm, self.people)]
        return sorted({partner.code: partner for partner in theirs}.values(), key=lambda partner: partner.code)

    async def _contact(self, partner: Partner, inputs: Mapping[str, str]) -> Person:
        found = await person_as(Role.REQUESTER, email_in(inputs, "contact"), self.people)
        if found is None or partner.code not in found.partners:
            raise Mistake(NO_CONTACT)
        return found

    async def _sme(self, inputs: Mapping[str, str]) -> Person:
        found = await person_as(Role.SME, email_in(inputs, "sme"), self.people)
        if found is None:
            raise Mistake(NO_SME)
        return found

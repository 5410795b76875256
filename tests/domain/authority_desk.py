"""The desk with the directory of the cast, requests put into any situation, and attempts of every action."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from bot.domain.deeds import Change
from bot.domain.desk import Answer, Press
from bot.domain.errors import Refusal
from bot.domain.lifecycle import Action, Status
from bot.domain.numbers import operation, request_number
from bot.domain.people import Directory, Partner
from bot.domain.ports import Case
from bot.domain.request import Event
from bot.domain.view import RequestView
from state.sqlite import SqliteStore
from tests.domain import cast
from tests.domain.authority import REFUSALS, TABLE, Actor, Situation
from tests.domain.office import Office

EVERYBODY = (
    cast.RITA, cast.CARL, cast.OTTO, cast.FRANK, cast.BEA, cast.OLGA, cast.NADIA, cast.CORA, cast.DORA, cast.ANA,
    cast.SAM, cast.SIMO, cast.SUE, cast.PIA
)  # fmt: skip
FABRIKAM = Partner("FABRIKAM", "Fabrikam", "EMEA", (cast.OTHERS,), cast.OLGA.email, cast.NADIA.email)
CHOSEN = {Action.DELEGATE: ("delegate_to", cast.NADIA), Action.ASSIGN: ("sme", cast.SUE)}


class Registry:
    """A store of its own with requests in one situation; `rows` are all that it holds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = SqliteStore(path)
        self.office = Office(self.store)
        self.office.now = cast.NOW
        self._made = 0
        self._revisions: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        await self.store.open()
        self._watch = sqlite3.connect(self.path)
        partners = {"CONTOSO": cast.CONTOSO, "FABRIKAM": FABRIKAM}
        await self.office.people.load(Directory(partners, {p.email: p for p in EVERYBODY}))
        for standing in TABLE["standing"]:
            for cover in Actor(standing, frozenset()).covers:
                await self.office.people.add_cover(cover)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._watch.close()
        await self.store.close()

    def rows(self) -> list[tuple[str, ...]]:
        return self._watch.execute("SELECT * FROM row ORDER BY name, partition, key").fetchall()

    def writes(self) -> int:
        """Return a number that another connection's every write changes, whatever it writes."""
        (version,) = self._watch.execute("PRAGMA data_version").fetchone()
        return version

    async def put(self, actor: Actor, situation: Situation, **changes: object) -> str:
        """Store a request to which the actor stands as told, begun by its requester or by Frank; return its number."""
        self._made += 1
        token = f"{self._made:032x}"
        number = request_number("CONTOSO", token, 0)
        request = actor.request(situation, number=number, token=token, **changes)
        at = request.submitted_at - timedelta(minutes=1)
        begun = replace(
            actor.request(Situation("submitted"), number=number, token=token),
            revision=1,
            last=Event(1, Action.SUBMIT, request.requester, "Rita", at),
        )
        if situation.is_proposal:
            chosen = {"to": request.requester, "to_name": "Rita"}
            first = Event(1, Action.PROPOSE, cast.FRANK.email, "Frank", at, details=chosen)
            answers, status = cast.PROPOSED_ANSWERS, Status.APPROVED
            begun = replace(begun, answers=answers, status=status, proposed_by=cast.FRANK.email, last=first)
        await self._commit(None, Change(None, begun, begun.last), token)
        case = await self.office.requests.load(number)
        engagement = situation.engagement
        if engagement:
            engagement = replace(engagement, id=f"{number}.1", request=number, sme=request.sme or engagement.sme)
        await self._commit(case, Change(begun, request, request.last, engagement), f"{token}-2")
        self._revisions[number] = request.revision
        return number

    async def _commit(self, case: Case | None, change: Change, key: str) -> None:
        await self.office.requests.commit(case, change, [], key)

    async def attempt(self, actor: Actor, action: Action, number: str) -> RequestView | str:
        """Try an action on a request as it was put; return the view of it afterwards, or the kind of refusal."""
        try:
            if action is Action.RESUBMIT:
                return await self._sent_again(actor, number)
            answer = await self._pressed(actor, action, number)
        except Refusal as refusal:
            return kind_of(refusal.sentence)
        if not answer.note:
            return answer.view
        assert kind_of(answer.note) == "overtaken"
        return "overtaken" if answer.view.relations else "passed"

    async def _sent_again(self, actor: Actor, number: str) -> RequestView:
        """Send the form of a returned request; who has no partner of the own claims the request's."""
        partner = next(iter(actor.person.partners), "CONTOSO")
        answers = cast.ANSWERS | {"seat_count": "6000", "partner_name": partner}
        form = operation(str(actor), number)
        return await self.office.desk.intake.resubmit(actor.person, number, form, answers, self._revisions[number])

    async def _pressed(self, actor: Actor, action: Action, number: str) -> Answer:
        return await self.office.desk.press(actor.person, self.press(action.value, number, self._revisions[number]))

    @staticmethod
    def press(verb: str, number: str, revision: int = 1) -> Press:
        """Return the press of a button, with every input right."""
        key, target = CHOSEN.get(Action(verb), ("", None)) if verb in set(Action) else ("", None)
        return Press(verb, number, revision, cast.INPUTS | ({key: target.email} if target else {}))


def kind_of(sentence: str) -> str:
    """Return the kind of refusal that the words are of; the first, where two kinds have the same."""
    found = [kind for kind, words in REFUSALS.items() if sentence == words]
    begins = [kind for kind, words in REFUSALS.items() if words.endswith(" ") and sentence.startswith(words)]
    return (found or begins or [f"neither kind: {sentence}"])[0]

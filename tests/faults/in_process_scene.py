"""Everything around one run: the people, what they were told, and what they find in the end."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.faults.checker import World
from tests.faults.in_process import Outside
from tests.faults.in_process_people import Record, pressed_by, renewed, tell
from tests.faults.in_process_scenarios import CROWD
from tests.faults.io_memory import MemoryStore

_SOON = 31
# Leases, broken-off sendings, second posts, mail after five minutes, giving up after a day.
_HEALING = (60, 60, 120, 300, 600, 3600, 90_000)


class Scene:
    """Everything around one run over a store; `memory` shows what stands in it."""

    def __init__(self, outside: Outside, memory: MemoryStore) -> None:
        self.memory = memory
        self.outside = outside
        self.teams = outside.teams
        for name in CROWD:
            self.teams.person(name)
        self.teams.start(outside)
        self.record = Record(attempted=[row["token"] for row in self._requests()])
        self.ambiguous: set[str] = set()
        self.differences: list[str] = []
        outside.script.on_fault = self._note_ambiguous

    def _requests(self) -> list[Mapping[str, Any]]:
        return [row for key, row in self.memory.rows("requests").items() if " request:" in key]

    def number(self) -> str:
        (request,) = self._requests()
        return request["number"]

    def _note_ambiguous(self) -> None:
        """Note the chats of which it is not known now whether a post has arrived."""
        target, *what = self.outside.script.done[-1].split()
        if target == "connector" and what[0] == "POST":
            self.ambiguous.add(what[1])
        for put in self.teams.instance.store.sending.values():
            owner = next((p for p in self.teams.people.values() if p.email == put.values["recipient"]), None)
            if owner and any(message.summary == put.values["sentence"] for message in owner.chat):
                self.ambiguous.add(owner.conversation)

    async def settle(self) -> None:
        await self.teams.pass_time(_SOON)

    async def heal(self) -> None:
        for seconds in _HEALING:
            await self.teams.pass_time(seconds)

    async def repeat(self) -> None:
        """Deliver everything once more, long after: as it was, and with another id."""
        firsts = {id(deed): (deed, activity) for deed, activity in reversed(self.record.sent)}
        for deed, activity in reversed(firsts.values()):
            for again in (activity, renewed(activity)):
                deaths = len(self.teams.dead)
                await tell(self.teams, deed, again, self.record, self.number)
                if len(self.teams.dead) > deaths:
                    await tell(self.teams, deed, again, self.record, self.number)
        await self.teams.pass_time(200)
        await self.teams.pass_time(200)

    def world(self, logs: str) -> World:
        return World(
            rows=self.memory.rows,
            teams=self.teams,
            mails=list(self.outside.mails.values()),
            acknowledged=self.record.acknowledged,
            attempted=self.record.attempted,
            ambiguous=self.ambiguous,
            logs=logs,
            now=self.outside.now(),
            overtaken=self.record.overtaken,
            pressed=pressed_by((deed.person, activity) for deed, activity in self.record.sent),
        )

    def in_vain(self) -> Iterator[str]:
        """Name who could not do what they wanted, and who was told later that they had not done what they had.

        Who did it without an answer sees it on the card; who could not be told of the request is known as such.
        """
        rows = self.memory.rows("requests").values()
        parked = {row["recipient"] for row in rows if row.get("state") == "parked"}
        done = {(row["action"], row["by"]) for row in rows if "action" in row}
        for deed in self.record.given_up:
            email = deed.person.email
            if email not in parked and (deed.verb, email) not in done:
                yield f"I1: {deed.person.name} could not {deed.verb or 'go on'}:\n{deed.person.transcript}"
        for told in set(self.record.overtaken):
            if (told.action, told.by_email) in done:
                yield f"I1: the {told.action} of {told.number} was answered to {told.by_email} as if it were not theirs"

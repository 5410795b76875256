"""Files a change: with its notices in one commit, and with a nudge for the work it leaves behind."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.deeds import Change
from bot.domain.parties import partner_of
from bot.domain.ports import Case, People, Raced, Requests
from bot.domain.telling import notices_for, within_a_commit


@dataclass(frozen=True, slots=True)
class Filing:
    """The one place where changes are committed; `nudge` is told the number of each request changed."""

    requests: Requests
    people: People
    nudge: Callable[[str], None]

    async def filed(self, before: Case | None, change: Change, operation_key: str) -> bool:
        """Commit a change of what was read as `before`; False when somebody else was first."""
        number = change.request.number
        notices = await notices_for(change, await partner_of(change.request, self.people), self.people)
        try:
            await self.requests.commit(before, change, within_a_commit(notices), operation_key)
        except Raced:
            return False
        self.nudge(number)
        return True

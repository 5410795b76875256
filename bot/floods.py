"""How much one person, and one partner's tenant, may send in a minute; what goes beyond is not acted on."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.ports import Clock

MINUTE = timedelta(seconds=60)
MOST_OF_A_PERSON = 20
MOST_OF_A_TENANT = 300
MOST_SEARCHES_OF_A_PERSON = 60
MOST_SEARCHES_OF_A_TENANT = 600
SLOW_DOWN = "That is more than I can read at once. What you sent just now was not done; please try again in a minute."
TENANT_BUSY = (
    "Your organisation is sending more than I can read at once. "
    "What you sent just now was not done; please try again in a minute."
)

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of one kind a person and a partner's tenant may send in a minute."""

    kind: str
    of_a_person: int
    of_a_tenant: int


ACTIVITIES = Allowance("activities", MOST_OF_A_PERSON, MOST_OF_A_TENANT)
SEARCHES = Allowance("searches", MOST_SEARCHES_OF_A_PERSON, MOST_SEARCHES_OF_A_TENANT)
"""Teams sends a query for every few letters that are typed; they must not use up what people say and press."""


@dataclass(slots=True)
class _Minute:
    """What was let through in the last minute, the oldest first, and when the sentence was last said."""

    passed: deque[tuple[datetime, str]] = field(default_factory=deque)
    told_at: datetime | None = None

    def is_after(self, moment: datetime) -> bool:
        """Say whether anything in it is newer."""
        return bool(self.passed and self.passed[-1][0] > moment) or bool(self.told_at and self.told_at > moment)


class Floods:
    """Counts by kind, tenant and person, in this process; what was refused is not counted, so that it ends by itself.

    A person beyond the limit uses up nothing of the tenant's. The home tenant has no limit of its own.
    """

    def __init__(self, clock: Clock, home_tenant: str) -> None:
        self._clock = clock
        self._home_tenant = home_tenant
        self._minutes: OrderedDict[Key, _Minute] = OrderedDict()

    def excess(self, tenant_id: str, sender: str, activity_id: str, allowance: Allowance = ACTIVITIES) -> str:
        """Count one activity; return the sentence for the sender when it goes beyond a limit, '' when it may pass.

        An activity that comes again with the id of one that passed may pass again.
        """
        now = self._clock()
        self._forget_before(now - MINUTE)
        person = self._minute((allowance.kind, tenant_id, sender))
        if activity_id and any(activity_id == passed for _, passed in person.passed):
            return ""
        if len(person.passed) >= allowance.of_a_person:
            return SLOW_DOWN
        if tenant_id != self._home_tenant:
            tenant = self._minute((allowance.kind, tenant_id))
            if len(tenant.passed) >= allowance.of_a_tenant:
                return TENANT_BUSY
            tenant.passed.append((now, ""))
        person.passed.append((now, activity_id))
        return ""

    def may_tell(self, tenant_id: str, sender: str) -> bool:
        """Say whether the sender may be told, which is so once a minute."""
        now = self._clock()
        person = self._minute((ACTIVITIES.kind, tenant_id, sender))
        if person.told_at and now - MINUTE < person.told_at <= now:
            return False
        person.told_at = now
        return True

    def _minute(self, key: Key) -> _Minute:
        found = self._minutes.setdefault(key, _Minute())
        self._minutes.move_to_end(key)
        now = self._clock()
        while found.passed and not now - MINUTE < found.passed[0][0] <= now:
            found.passed.popleft()
        return found

    def _forget_before(self, moment: datetime) -> None:
        """Forget who sent nothing since then; the longest silent come first."""
        while self._minutes:
            key, oldest = next(iter(self._minutes.items()))
            if oldest.is_after(moment):
                return
            del self._minutes[key]

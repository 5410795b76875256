"""A partner's latest requests of the sample history, by which repeats and duplicates are found as they were then."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.past import PastCase
from bot.domain.repeats import earlier_among
from bot.domain.request import Earlier, SmeRequest

_REMEMBERED = 6
"""Of each workload and topic: what is shown of repeats is the latest five."""


@dataclass(slots=True)
class Memory:
    """Remembers as much as the rule of repeats and duplicates needs, and no more."""

    _on_topic: dict[tuple[str, str], list[PastCase]] = field(default_factory=dict)
    _of_customer: dict[tuple[str, str], list[PastCase]] = field(default_factory=dict)

    def add(self, case: PastCase) -> None:
        answers = case.request.answers
        on_topic = self._on_topic.setdefault((answers["workload"], answers["topic"]), [])
        on_topic.append(case)
        del on_topic[:-_REMEMBERED]
        self._of_customer.setdefault((answers["tenant_id"], answers["workload"]), []).append(case)

    def forget(self, at: datetime) -> None:
        """Forget what was over at a time: after it that is a duplicate of nothing."""
        still_open = {
            place: [case for case in cases if case.request.is_open or case.request.last.at > at]
            for place, cases in self._of_customer.items()
        }
        self._of_customer = {place: cases for place, cases in still_open.items() if cases}

    def earlier(self, answers: Mapping[str, str], at: datetime) -> tuple[Earlier, ...]:
        """Return duplicates and repeats of the answers, as the requester was shown them at a time."""
        on_topic = self._on_topic.get((answers["workload"], answers["topic"]), [])
        of_customer = self._of_customer.get((answers["tenant_id"], answers["workload"]), [])
        found = (_as_of(case, at) for case in (*on_topic, *of_customer))
        return earlier_among([request for request in found if request], answers, at)


def _as_of(case: PastCase, at: datetime) -> SmeRequest | None:
    return next((change.request for change in reversed(case.changes) if change.event.at <= at), None)

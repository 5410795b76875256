"""SMEs ranked for a request, each with the reasons in a line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.catalogues import LANGUAGES
from bot.domain.people import Person
from bot.domain.request import SmeRequest

MOST_OFFERED = 15
_SHORTLISTED = 40
_WORKLOAD, _PRIMARY, _SECONDARY, _REGION, _CAPACITY = 16, 8, 2, 4, 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """One SME for one request; a higher score fits better."""

    person: Person
    score: int
    reasons: tuple[str, ...]


def _judge(request: SmeRequest, sme: Person, load: int) -> Candidate:
    answers = request.answers
    score, reasons = 0, []
    if answers["workload"] in sme.workloads:
        score += _WORKLOAD
        reasons.append("knows the workload")
    if answers["primary_language"] in sme.languages:
        score += _PRIMARY
        reasons.append(LANGUAGES[answers["primary_language"]])
    second = answers.get("secondary_language", "")
    if second and second in sme.languages:
        score += _SECONDARY
        reasons.append(LANGUAGES[second])
    if answers["region"] in sme.regions:
        score += _REGION
        reasons.append(answers["region"])
    if load < sme.capacity:
        score += _CAPACITY
    reasons.append(f"{load} of {sme.capacity} engagements")
    return Candidate(sme, score, tuple(reasons))


def shortlist(request: SmeRequest, smes: Iterable[Person]) -> list[Person]:
    """Return the SMEs worth asking for their load: the forty that fit best without it."""
    return sorted(smes, key=lambda sme: (-_judge(request, sme, 0).score, sme.name))[:_SHORTLISTED]


def ranked(request: SmeRequest, smes: Iterable[Person], loads: Mapping[str, int]) -> tuple[Candidate, ...]:
    """Return the best SMEs first, at most 15; the requester and the FPM of the request are left out."""
    fit = [
        _judge(request, sme, loads.get(sme.email, 0))
        for sme in smes
        if sme.email not in {request.requester, request.fpm}
    ]
    return tuple(sorted(fit, key=lambda c: (-c.score, loads.get(c.person.email, 0), c.person.name))[:MOST_OFFERED])

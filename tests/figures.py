"""Sample numbers: insights, portfolios and reviews in several states, and the largest ones that there can be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

from bot.cards.insights import Part, insights_card
from bot.cards.pieces import Card
from bot.cards.portfolio import portfolio_card, review_card
from bot.dialogs.portfolio_page import KEPT
from bot.domain.catalogues import DENY_REASONS, LANGUAGES, REGIONS, TOPICS, WORKLOADS
from bot.domain.digest import Digest
from bot.domain.fields import FIELDS
from bot.domain.insights import By, Demand, Insight, Load, Scope, months_before
from bot.domain.learning import Lesson
from bot.domain.lifecycle import Status
from bot.domain.measures import PROMISES
from bot.domain.people import Partner
from bot.domain.portfolio import LATEST_SHOWN, PARTNERS_A_PAGE, PartnerReview, Portfolio, Since, Standing
from bot.domain.ports import Review, Summary
from bot.domain.tally import Counts, merged
from tests.engagements import lessons
from tests.samples import BEGINNING, FPM, PARTNER, PROGRAM

PARTNERS: Mapping[str, str] = {
    "CONTOSO": "Contoso Consulting", "FABRIKAM": "Fabrikam Cloud Services", "NORTHWIND": "Northwind Integrators",
}  # fmt: skip
NOW = BEGINNING + timedelta(days=30)
DAYS = timedelta(days=1)
A_FEW_WORKLOADS = ("TEAMS", "INTUNE", "MDATP", "AIP_P1")


def counts(size: int, topics: Sequence[str] = ("coaching", "unblocking"), reasons: int = 3, fields: int = 4) -> Counts:
    """Return what so many requests could have come to."""
    found: Counter[str] = Counter(
        requests=size, proactive=size // 9, deflected=size // 7, approved=size * 6 // 10, denied=size // 8,
        returned=size // 10, returns=size // 8, repeats=size // 12, duplicates=size // 30, declines=size // 15,
        issues=size // 20, learners=size // 2, closed=size // 2, hours=size // 2 * 310, ratings=size // 3,
    )  # fmt: skip
    for place, status in enumerate(Status):
        found[f"status:{status}"] = size // (place + 4)
    for place, topic in enumerate(topics):
        found[f"topic:{topic}"] = size // (place + 2)
    for place, reason in enumerate(list(DENY_REASONS)[:reasons]):
        found[f"denied:{reason}"] = size // (place + 10)
    for place, field in enumerate(FIELDS[:fields]):
        found[f"asked:{field.key}"] = size // (place + 12)
    for place, language in enumerate(LANGUAGES):
        found[f"language:{language}"] = size // (2 * place + 2)
    for place, promise in enumerate(PROMISES):
        found[f"kept:{promise}"], found[f"broken:{promise}"] = size, size * place // 7
    for stars in range(1, 6):
        found[f"stars:{stars}"] = size * stars // 45
    found["stars"] = sum(stars * found[f"stars:{stars}"] for stars in range(1, 6))
    found["ratings"] = sum(found[f"stars:{stars}"] for stars in range(1, 6))
    return {name: count for name, count in found.items() if count}


def insight(
    by: By = By.REGION, months: int = 12, names: Mapping[str, str] = PARTNERS, size: int = 40, **scope: str
) -> Insight:
    """Return the numbers of so many months, each a little more than the one before."""
    first = months_before(NOW, months)
    series = [(months_before(NOW, months - n), counts(size + 3 * n)) for n in range(months)]
    codes = {By.REGION: tuple(REGIONS), By.WORKLOAD: A_FEW_WORKLOADS, By.PARTNER: tuple(names)}[by]
    total = merged(each for _, each in series)
    rows = [(code, counts(total["requests"] // (place + 2))) for place, code in enumerate(codes)]
    return Insight(Scope(first, months_before(NOW, 1), **scope), by, "All partners", total, series, rows, names)


def demand(codes: Sequence[str] = ("en", "ja", "fr", "th")) -> list[Demand]:
    return [
        Demand(code, 90 // (place + 1), (7 - 2 * place) % 8 if place % 4 else 0) for place, code in enumerate(codes)
    ]


def loads(count: int = 6, name: str = "") -> list[Load]:
    return [Load(name or f"Grace Okafor {n}", 4 - n % 5, 4) for n in range(count)]


def page(part: Part, shown: Insight, asked: Sequence[Demand] = (), smes: Sequence[Load] = ()) -> Card:
    """Return a page of the insights as it is made of what it needs."""
    return insights_card(shown, part, asked if part is Part.DEMAND else (), smes if part is Part.SMES else ())


def waiting(count: int, customer: str = "Fabrikam Retail GmbH", code: str = "CONTOSO") -> tuple[Summary, ...]:
    """Return requests that wait, of which the first is late and the second due within a day."""
    return tuple(
        Summary(f"{code}-7K3Q{n:02}", customer, "MDATP", Status.SUBMITTED, code, NOW - DAYS, NOW + (n - 0.5) * DAYS)
        for n in range(count)
    )


def standing(partner: Partner = PARTNER, waits: tuple[Summary, ...] = (), size: int = 60) -> Standing:
    return Standing(partner, size // 3, waits, counts(size))


def portfolio(count: int, page_shown: int = 1, pages: int = 1, name: str = "", customer: str = "W") -> Portfolio:
    rows = []
    for n in range(count):
        code = f"PARTNER{n:05}"[:12]
        partner = replace(PARTNER, code=code, name=name or list(PARTNERS.values())[n % 3])
        rows.append(standing(partner, waiting(n % 4, customer, code), 60 - 20 * (n % 4)))
    return Portfolio(tuple(rows), page_shown, pages, NOW)


def digest(n: int, status: Status, code: str = "CONTOSO") -> Digest:
    at = NOW - n * DAYS / 3
    return Digest(f"{code}-9C3Q{n:02}", code, "EMEA", "MDATP", "coaching", "en", status, 4, at, at)


def since(count: int = LATEST_SHOWN) -> Since:
    statuses = (Status.CLOSED, Status.DENIED, Status.ASSIGNED, Status.SUBMITTED, Status.RETURNED)
    latest = tuple(digest(n, statuses[n % 5]) for n in range(count))
    return Since(NOW - 14 * DAYS, count, count // 2, count // 3, count // 4, count // 5, latest)


def review(*, months: int = 3, fresh: bool = False, may_review: bool = True, quiet: bool = False) -> PartnerReview:
    """Return the review of a partner; `fresh` was never reviewed, in a `quiet` one nothing has happened."""
    last = None if fresh else Review(PARTNER.code, FPM.email, NOW - 14 * DAYS)
    stands = replace(standing(waits=() if quiet else waiting(3)), **({"counts": {}, "open": 0} if quiet else {}))
    learned: tuple[Lesson, ...] = () if quiet else lessons()
    return PartnerReview(
        stands, months, {} if quiet else counts(52), since(0 if quiet else LATEST_SHOWN), last,
        "" if fresh else FPM.name, learned, may_review, NOW,
    )  # fmt: skip


def cards() -> dict[str, Card]:
    """Return the pages of numbers by names that say what they are."""
    nothing = Insight(Scope("2026-11", "2026-11"), By.REGION, "Your partners", {}, [("2026-11", {})], [], PARTNERS)
    narrowed = insight(By.WORKLOAD, 3, region="EMEA", workload="MDATP", partner="CONTOSO")
    own = replace(insight(By.REGION, 3, {"CONTOSO": "Contoso Consulting"}), whose="Your partners")
    found = {f"insights-{part}": page(part, insight(), demand(), loads()) for part in Part}
    found |= {f"insights-{part}-nothing": page(part, nothing) for part in Part}
    found |= {f"insights-{part}-fpm": page(part, own, demand(), loads()) for part in (Part.VOLUMES, Part.PROMISES)}
    by_workload = demand(A_FEW_WORKLOADS)
    return found | {
        "insights-volumes-narrowed": page(Part.VOLUMES, narrowed),
        "insights-demand-workloads": page(Part.DEMAND, insight(By.WORKLOAD), by_workload),
        "insights-decisions-partners": page(Part.DECISIONS, insight(By.PARTNER)),
        "portfolio": portfolio_card(portfolio(4), FPM),
        "portfolio-page": portfolio_card(portfolio(PARTNERS_A_PAGE, 2, 3), FPM),
        "portfolio-programme": portfolio_card(portfolio(3), PROGRAM),
        "portfolio-empty": portfolio_card(Portfolio((), 1, 1, NOW), FPM),
        "partner-review": review_card(review(), FPM),
        "partner-review-first": review_card(review(fresh=True), FPM),
        "partner-review-kept": review_card(review(quiet=True), FPM, KEPT),
        "partner-review-month": review_card(review(months=1), FPM),
        "partner-review-programme": review_card(review(may_review=False), PROGRAM),
    }


def with_name(name: str) -> dict[str, Card]:
    """Return pages on which every partner, customer, SME and learner bears this name."""
    partner = replace(PARTNER, name=name)
    named = dict.fromkeys(PARTNERS, name)
    shown = insight(By.PARTNER, names=named, partner="CONTOSO")
    learned = tuple(replace(each, sme=name, learners=(name, name)) for each in lessons())
    stands = standing(partner, waiting(LATEST_SHOWN, name))
    of_one = replace(review(), standing=stands, lessons=learned, reviewed_by=name)
    return {
        "insights-partners": page(Part.VOLUMES, shown),
        "insights-smes": page(Part.SMES, shown, smes=loads(12, name)),
        "portfolio": portfolio_card(portfolio(PARTNERS_A_PAGE, name=name, customer=name), FPM),
        "partner-review": review_card(of_one, FPM, name),
    }


@cache
def largest_cards(name: str, learners: int = 20) -> dict[str, Card]:
    """Return pages on which everything is as many and as long as it can be."""
    names = {f"PARTNER{n:05}": f"{n} {name}"[: len(name)] for n in range(60)}
    everything = counts(900_000, tuple(TOPICS), len(DENY_REASONS), len(FIELDS))
    codes = {By.REGION: tuple(REGIONS), By.WORKLOAD: tuple(WORKLOADS), By.PARTNER: tuple(names)}
    found = {}
    for by, values in codes.items():
        scope = {"partner": list(names)[-1]} if by is By.PARTNER else {"workload": "OATP_P1", "region": "EMEA"}
        shown = insight(by, 36, names, 9_000_000, **scope)
        shown = replace(shown, total=everything, rows=[(code, everything) for code in values])
        asked = demand(tuple(WORKLOADS if by is By.WORKLOAD else LANGUAGES))
        found |= {f"insights-{part}-{by}": page(part, shown, asked, loads(60, name)) for part in Part}
    learned = [replace(each, sme=name, learners=(name,) * learners) for each in lessons()]
    stands = standing(replace(PARTNER, name=name, code="P" * 12), waiting(40, name, "P" * 12), 9_000_000)
    largest = replace(review(), standing=stands, before=everything, lessons=tuple(learned), reviewed_by=name)
    return found | {
        "portfolio": portfolio_card(portfolio(PARTNERS_A_PAGE, 2, 3, name, name), FPM),
        "partner-review": review_card(largest, FPM, KEPT),
    }

"""The cards of the portfolio: all partners of an FPM, and the review of one."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from bot.cards.answers import in_words
from bot.cards.insights import INSIGHTS
from bot.cards.list_buttons import wanted_data
from bot.cards.numbers import NOTHING, figure_of, measure_rows
from bot.cards.pieces import (
    OPENS_BELOW,
    Button,
    Card,
    Element,
    Runs,
    Tone,
    card,
    columns,
    execute,
    own,
    rich,
    run,
    submit,
)
from bot.cards.request_parts import STATUS_TONES, answered
from bot.cards.words import day, moment
from bot.domain.digest import Digest
from bot.domain.filters import Filters, ListName, Wanted
from bot.domain.measures import MEASURES
from bot.domain.people import Person, Role
from bot.domain.portfolio import DUE_SOON, LATEST_SHOWN, PERIOD, PERIODS, PartnerReview, Portfolio, Standing
from bot.domain.ports import Summary

PORTFOLIO, REVIEWED = "portfolio", "reviewed"
"""The verbs of the buttons that show partners, and that keep a review."""
_IN_A_ROW = ("requests", "repeat", "denial", "rating", "learners")
_IN_A_REVIEW = (
    "requests", "approval", "denial", "return", "repeat", "N4", "N5", "N7", "rating", "to_close", "issues", "learners",
)  # fmt: skip
EMPTY = "No partner has you as its FPM or backup FPM."


def portfolio_card(portfolio: Portfolio, reader: Person) -> Card:
    """Return how each partner stands, with one tap to its review."""
    zone = ZoneInfo(reader.time_zone)
    head = own("Portfolio", bold=True, size="large", heading=True)
    rows = [_row(standing, portfolio, zone, decides=reader.is_a(Role.FPM)) for standing in portfolio.rows] or [
        own(EMPTY)
    ]
    meanings = [own(_meanings(), subtle=True, size="small", spacing="large")] if portfolio.rows else []
    return card(f"Portfolio: {len(portfolio.rows)} partners.", [head, *rows, *meanings], _leafing(portfolio))


def _leafing(portfolio: Portfolio) -> list[Button]:
    steps = {"Previous page": portfolio.page - 1, "Next page": portfolio.page + 1}
    return [
        execute(title, {"verb": PORTFOLIO, "page": str(page)})
        for title, page in steps.items()
        if 1 <= page <= portfolio.pages
    ]


def _meanings() -> str:
    said = [f"{MEASURES[key].label}: {MEASURES[key].definition}" for key in ("open", *_IN_A_ROW)]
    return f"The numbers behind the dates are of the last {PERIOD} months. {' '.join(said)}"


def _row(standing: Standing, portfolio: Portfolio, zone: ZoneInfo, *, decides: bool) -> Element:
    partner = standing.partner
    words = [
        rich(run(partner.name, bold=True), run(f"  {partner.code}", subtle=True)),
        rich(
            run(f"{standing.open:,} open"),
            *(_due_words(standing.waiting, portfolio, zone) if decides else []),
            spacing="none",
        ),
        rich(run(_in_short(standing), subtle=True), spacing="none"),
    ]
    opened = execute("Review", {"verb": PORTFOLIO, "partner": partner.code})
    button = {"type": "ActionSet", "actions": [opened]}
    return {**columns(words, [button], widths=("stretch", "auto"), spacing="medium"), "separator": True}


def _due_words(waiting: Sequence[Summary], portfolio: Portfolio, zone: ZoneInfo) -> list[Runs]:
    """Return how many wait for the reader, and by when; what is late or soon due stands out."""
    if not waiting:
        return [run(", none waits for you", subtle=True)]
    late = sum(1 for row in waiting if row.due < portfolio.now)
    soon = sum(1 for row in waiting if portfolio.now <= row.due < portfolio.now + DUE_SOON)
    words = [run(f", {len(waiting):,} wait for you, the first by {moment(waiting[0].due, zone)}")]
    if late:
        words.append(run(f" · {late:,} late", bold=True, tone=Tone.ATTENTION))
    if soon:
        words.append(run(f" · {soon:,} within a day", bold=True, tone=Tone.WARNING))
    return words


def _in_short(standing: Standing) -> str:
    counts = standing.counts
    figures = [(MEASURES[key].label, figure_of(MEASURES[key], counts)) for key in _IN_A_ROW]
    return " · ".join(f"{label} {figure}" for label, figure in figures if figure != NOTHING)


def review_card(review: PartnerReview, reader: Person, note: str = "") -> Card:
    """Return one partner for a period, what waits, and what changed since the last review."""
    zone, partner = ZoneInfo(reader.time_zone), review.standing.partner
    last = f"Last review {day(review.last.at, zone)}" if review.last else "Not reviewed yet"
    by = f" by {review.reviewed_by}" if review.reviewed_by else ""
    above = [
        *answered(note),
        rich(run(partner.name, bold=True, size="large")),
        rich(
            run(f"{partner.code} · {in_words('region', partner.region, {})} · {last}{by}", subtle=True), spacing="none"
        ),
        _periods(review),
    ]
    beside = own(f"{_period_words(review.months)}, beside the period before", bold=True, spacing="large")
    groups = [
        _changes(review, zone),
        _waits(review, zone),
        [beside, *measure_rows(_IN_A_REVIEW, review.standing.counts, review.before)],
        _learned(review, zone),
    ]
    return card(f"Review of {partner.code}.", above, _review_actions(review), spare=groups)


def _period_words(months: int) -> str:
    return "This month" if months == 1 else f"The last {months} months"


def _periods(review: PartnerReview) -> Element:
    code = review.standing.partner.code
    others = [
        execute(_period_words(months), {"verb": PORTFOLIO, "partner": code, "months": str(months)})
        for months in PERIODS
        if months != review.months
    ]
    return {"type": "ActionSet", "actions": others}


def _changes(review: PartnerReview, zone: ZoneInfo) -> list[Element]:
    since = review.since
    when = "the last review" if review.last else day(since.at, zone)
    counts = {
        "New": since.submitted,
        "Approved": since.approved,
        "Denied": since.denied,
        "Help completed": since.completed,
        "Closed": since.closed,
    }
    said = ", ".join(f"{label.lower()} {count:,}" for label, count in counts.items() if count)
    words = rich(run(f"{said[0].upper()}{said[1:]}." if said else "Nothing has changed."))
    rows = [_opened(_changed_words(each, zone), each.number) for each in since.latest]
    return [own(f"Since {when}", bold=True, spacing="large"), words, *rows]


def _changed_words(digest: Digest, zone: ZoneInfo) -> Runs:
    status = run(digest.status.value.capitalize(), bold=True, tone=STATUS_TONES[digest.status])
    workload = in_words("workload", digest.workload, {})
    return [*status, *run(f" {digest.number} · {workload} · {moment(digest.at, zone)}", subtle=True)]


def _waits(review: PartnerReview, zone: ZoneInfo) -> list[Element]:
    waiting, count = review.standing.waiting, review.standing.open
    waits = f", {len(waiting):,} of them wait for you" if review.may_review else ""
    title = own(f"{count:,} open{waits}", bold=True, spacing="large")
    return [title, *(_opened(_due_line(row, zone), row.number) for row in waiting[:LATEST_SHOWN])]


def _due_line(row: Summary, zone: ZoneInfo) -> Runs:
    return [*run(row.customer, bold=True), *run(f" {row.number} · by {moment(row.due, zone)}", subtle=True)]


def _opened(words: Runs, number: str) -> Element:
    button = submit("Open", {"verb": "status", "request": number}, tooltip=f"Open {number}")
    return columns(
        [rich(words)], [{"type": "ActionSet", "actions": [button]}], widths=("stretch", "auto"), spacing="small"
    )


def _learned(review: PartnerReview, zone: ZoneInfo) -> list[Element]:
    if not review.lessons:
        return []
    lines: Iterable[Element] = (
        rich(
            run(", ".join(each.learners) or "Nobody was named", bold=True),
            run(f" {in_words('workload', each.learned.workload, {})}, {day(each.learned.ended_at, zone)}", subtle=True),
        )
        for each in review.lessons
    )
    return [own("Learned last", bold=True, spacing="large"), *lines]


def _review_actions(review: PartnerReview) -> list[Button]:
    code = review.standing.partner.code
    data = {"partner": code, "months": str(review.months)}
    done = [execute("Review done", {"verb": REVIEWED, **data}, style="positive")] if review.may_review else []
    return [
        *done,
        submit("Requests", {**wanted_data(Wanted(ListName.REQUESTS, Filters(partner=code))), **OPENS_BELOW}),
        submit("Insights", {"verb": INSIGHTS, "partner": code, **OPENS_BELOW}),
        execute("Portfolio", {"verb": PORTFOLIO}),
    ]

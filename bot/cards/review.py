"""The end of the form: everything read back with its verdict, or the guidance that makes an SME unnecessary."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.cards.answers import ROWS, answer_rows, long_texts
from bot.cards.lessons import lessons_box
from bot.cards.pieces import Card, Element, box, card, columns, facts, own, rich, run, submit
from bot.cards.verdicts import earlier_box, flags_box, guidance_buttons
from bot.domain.catalogues import WORKLOADS
from bot.domain.fields import PAGES, FormContext, Page, on_page
from bot.domain.form_context import own_fpm
from bot.domain.learning import Lesson
from bot.domain.request import Earlier
from bot.domain.routing import Verdict

Marker = Mapping[str, str]


def names_in(context: FormContext) -> dict[str, str]:
    """Return the names that stand for partner codes and FPM addresses."""
    return {**context.fpms, **{code: partner.name for code, partner in context.partners.items()}}


def review_card(  # noqa: PLR0913 - what a last look is made of
    context: FormContext,
    marker: Marker,
    *,
    earlier: tuple[Earlier, ...],
    lessons: tuple[Lesson, ...] = (),
    number: str = "",
    note: str = "",
) -> Card:
    """Return everything for a last look; `number` is that of a returned request which is sent again."""
    zone = ZoneInfo(context.requester.time_zone)
    title = "Check and send again" if number else "Check and send"
    above = f"SME request · {number}" if number else "SME request · Last step"
    said = [box([rich(run(note))], "accent")] if note else []
    body = [
        own(above, subtle=True, size="small"),
        own(title, bold=True, size="large", spacing="none", heading=True),
        *said,
        *(_verdict(context.verdict) if context.verdict else []),
        *earlier_box(earlier, zone),
        *lessons_box(lessons, zone),
        *(element for page in PAGES for element in _section(page, context, marker)),
    ]
    buttons = [
        submit("Send again" if number else "Send request", {**marker, "verb": "submit"}, style="positive"),
        submit("Cancel", {**marker, "verb": "cancel"}, needs_inputs=False),
    ]
    return card(f"SME request: {title.lower()}.", body, buttons)


def self_deploy_card(context: FormContext, marker: Marker) -> Card:
    """Return the guidance for a workload that partners deploy on their own; its link comes from the routing data."""
    verdict = context.verdict
    title = own("Guidance covers this", bold=True, size="large", heading=True)
    reason = [own(verdict.reason, subtle=True)] if verdict else []
    name = names_in(context).get(own_fpm(context))
    fpm = f"your FPM, {name}," if name else "your FPM"
    ways = rich(run(f"Change the answers if they are not right, or talk to {fpm} if you still need an SME."))
    body = [title, own("For this request, partners use the published guidance; no SME is needed."), *reason, ways]
    buttons = [
        *({**link, "style": "positive"} for link in guidance_buttons(verdict)),
        submit("Change answers", {**marker, "verb": "back"}, needs_inputs=False),
        submit("Cancel", {**marker, "verb": "cancel"}, needs_inputs=False),
    ]
    workload = WORKLOADS.get(context.answers.get("workload", ""), "this workload")
    return card(f"Guidance covers {workload}.", body, buttons)


def _verdict(verdict: Verdict) -> list[Element]:
    rule = f"Rule {verdict.rule}, version {verdict.version}"
    said = box([own(verdict.reason, bold=True), own(rule, subtle=True, size="small", spacing="small")])
    return [said, *flags_box(verdict)]


def _section(page: Page, context: FormContext, marker: Marker) -> list[Element]:
    title = own(page.title, bold=True, heading=True)
    edit = submit(
        "Edit", {**marker, "verb": "edit", "page": page.key}, needs_inputs=False, tooltip=f"Edit: {page.title}"
    )  # fmt: skip
    buttons = {"type": "ActionSet", "actions": [edit]}
    head = columns([title], [buttons], widths=("stretch", "auto"), spacing="large")
    keys = [field.key for field in on_page(page.key, context)]
    labels = [label for label, group in ROWS.items() if frozenset(group) & frozenset(keys)]
    answers = {key: context.answers.get(key, "") for key in keys}
    rows = answer_rows(labels, answers, names_in(context))
    texts = long_texts(answers)
    return [{**head, "separator": True}, *facts(rows), *texts]

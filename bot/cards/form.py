"""The cards of the form: its pages, and the lines and questions around them."""

from collections.abc import Mapping

from bot.cards.answers import in_words
from bot.cards.inputs import choice_input, text_input
from bot.cards.pieces import Button, Card, Element, box, card, own, rich, run, show_card, submit
from bot.cards.review import names_in, review_card, self_deploy_card
from bot.cards.size import shortened
from bot.cards.verdicts import flags_box, guidance_buttons
from bot.domain.fields import SCOPE, Field, FormContext, Page, on_page
from bot.domain.kinds import EMAIL_LONGEST, Choice, Text
from bot.domain.routing import Verdict
from bot.domain.texts import WORDS_LONGEST

__all__ = ["draft_card", "line_card", "page_card", "page_line_card", "review_card", "self_deploy_card"]

ASKED_AGAIN = "Please look at this again."
MISSING = "Please fill this in."
_LINE_LONGEST = 200
Marker = Mapping[str, str]


def page_card(  # noqa: PLR0913 - what a page shows, each given by name
    page: Page,
    context: FormContext,
    marker: Marker,
    *,
    values: Mapping[str, str] | None = None,
    mistakes: Mapping[str, str] | None = None,
    note: str = "",
    is_first: bool,
    step: int,
    steps: int,
    asked_again: frozenset[str] = frozenset(),
) -> Card:
    """Return one page of the form. `values` is what was typed, kept beside the `mistakes`."""
    wrong = mistakes or {}
    questions: list[Element] = []
    for field in on_page(page.key, context):
        value = _value(field, context) if values is None else values.get(field.key, "")
        # A client checks required inputs for every button that sends inputs, so on the first page they would
        # block the question to the FPM; there only the check behind `next` names what is missing.
        questions.append(_input(field, context, value, is_checked_by_client=not is_first))
        questions += _beside(field, wrong, asked_again)
    head = [
        own(f"SME request · Step {step} of {steps}", subtle=True, size="small"),
        own(page.title, bold=True, size="large", spacing="none", heading=True),
    ]
    asks_for_exception = any(field.key == "exception_reason" for field in on_page(page.key, context))
    verdict = context.verdict if asks_for_exception else None
    return card(
        f"SME request, step {step} of {steps}: {page.title}.",
        [*head, *_intro(page, note, wrong, is_first=is_first), *_guidance_first(verdict), *questions],
        [*_buttons(marker, is_first=is_first), *guidance_buttons(verdict)],
    )


def _intro(page: Page, note: str, wrong: Mapping[str, str], *, is_first: bool) -> list[Element]:
    said = [box([rich(run(note))], "accent")] if note else []
    scope = [box([own(SCOPE)])] if is_first else []
    intro = [own(page.intro)] if page.intro else []
    count = f"{len(wrong)} answers need another look." if len(wrong) > 1 else "One answer needs another look."
    return [*said, *scope, *intro, *([own(count, bold=True)] if wrong else [])]


def _guidance_first(verdict: Verdict | None) -> list[Element]:
    """Return why a reason is asked for, before the question."""
    return [box([own(verdict.reason, bold=True)]), *flags_box(verdict)] if verdict else []


def _value(field: Field, context: FormContext) -> str:
    stored = context.answers.get(field.key)
    return field.preset(context) if stored is None else stored


def _input(field: Field, context: FormContext, value: str, *, is_checked_by_client: bool) -> Element:
    required = field.required(context)
    label = field.label if required else f"{field.label} (optional)"
    missing = MISSING if required and is_checked_by_client else ""
    if isinstance(field.kind, Choice):
        return choice_input(field.key, label, field.options(context), missing=missing, value=value)
    # More may be typed than is taken: the check says by how much it is too long, a client only stops.
    longest = 2 * field.kind.longest if isinstance(field.kind, Text) else EMAIL_LONGEST
    multiline = isinstance(field.kind, Text) and field.kind.multiline
    kept = shortened(value, longest)
    return text_input(field.key, label, missing=missing, multiline=multiline, value=kept, longest=longest)


def _beside(field: Field, wrong: Mapping[str, str], asked_again: frozenset[str]) -> list[Element]:
    """Return what stands below an input: its mistake first, then the wish to look again, then the hint."""
    lines = []
    if field.key in wrong:
        lines.append({**own(wrong[field.key], spacing="small"), "color": "attention"})
    if field.key in asked_again:
        lines.append({**own(ASKED_AGAIN, bold=True, spacing="small"), "color": "accent"})
    if field.hint:
        lines.append(own(field.hint, subtle=True, size="small", spacing="small"))
    return lines


def _buttons(marker: Marker, *, is_first: bool) -> list[Button]:
    buttons = [submit("Next", {**marker, "verb": "next"}, style="positive")]
    if is_first:
        buttons.append(_ask_fpm(marker))
    else:
        buttons.append(submit("Back", {**marker, "verb": "back"}, needs_inputs=False))
    return [*buttons, submit("Cancel", {**marker, "verb": "cancel"}, needs_inputs=False)]


def _ask_fpm(marker: Marker) -> Button:
    missing = "Please write your question first."
    question = text_input("question", "Your question", missing=missing, multiline=True, longest=WORDS_LONGEST)
    return show_card("Ask my FPM first", [question], submit("Send the question", {**marker, "verb": "ask_fpm"}))


def page_line_card(page: Page, context: FormContext) -> Card:
    """Return the read-only line that an answered page becomes."""
    names = names_in(context)
    answered = ((f.key, context.answers.get(f.key, "")) for f in on_page(page.key, context))
    words = [" ".join(in_words(key, answer, names).split()) for key, answer in answered if answer]
    line = shortened(" · ".join(words), _LINE_LONGEST)
    parts = [run(f"{page.title}: ", bold=True, subtle=True), run(line, subtle=True)] if line else [run(page.title)]
    return card(f"{page.title}: answered.", [rich(*parts)])


def line_card(text: str) -> Card:
    """Return one read-only line."""
    return card("SME request.", [rich(run(text, subtle=True))])


def draft_card(marker: Marker, *, began: str, customer: str) -> Card:
    """Return the offer to go on with an earlier form; `began` is a date in words."""
    about = [run(" for "), run(customer, bold=True)] if customer else []
    named = [part for each in about for part in each]
    body = [
        own("You have an unfinished request", bold=True, size="medium", heading=True),
        rich(run("A form"), named, run(f", begun {began}, is still here with its answers.")),
    ]
    buttons = [
        submit("Go on with it", {**marker, "verb": "resume"}, style="positive"),
        submit("Start afresh", {**marker, "verb": "afresh"}),
    ]
    return card("You have an unfinished request.", body, buttons)

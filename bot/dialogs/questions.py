"""The questions of the form: a page, the self-deploy verdict, the review."""

from collections.abc import Mapping

from bot.cards.form import line_card, page_card, page_line_card, review_card, self_deploy_card
from bot.cards.pieces import Card
from bot.dialogs.card_prompt import Kept, Marker, Taken
from bot.dialogs.turn import Turn, text_in
from bot.domain.errors import Refusal
from bot.domain.fields import PAGES, FormContext, Page, on_page
from bot.domain.form import REVIEW, check_page, next_stop, page_is_done
from bot.domain.texts import cleaned
from bot.telemetry import turn_refused

CANCELLED = "Form cancelled. Your answers are kept: type new request to go on."
NO_SUCH_BUTTON = "This card has no such button. Please use the buttons that it shows."
NO_LONGER_FIT = "Some answers no longer fit and are asked again."
# More than any field takes, and little enough that a page with four such texts stays a card that Teams accepts.
_KEPT_LONGEST = 4_000


class PageQuestion:
    """One page of the catalogue; answers that can be taken are kept whatever button sent them."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._index = PAGES.index(page)

    async def card(self, turn: Turn, marker: Marker) -> Card:
        return self._drawn(turn, await turn.form_context(), marker)

    async def take(self, turn: Turn, marker: Marker, value: Mapping[str, object]) -> Taken | Kept:
        verb = text_in(value, "verb")
        context = await turn.form_context()
        checked = check_page(self._page.key, value, context)
        if verb == "next":
            turn.conversation.answers.update(checked.answers)
            if checked.mistakes:
                return Kept(self._drawn(turn, context, marker, self._typed(value, context), checked.mistakes))
            return Taken({"verb": "next"}, page_line_card(self._page, await turn.form_context()))
        # These buttons need no inputs: what they did not send has not been emptied.
        turn.conversation.answers.update({k: v for k, v in checked.answers.items() if k in value})
        if verb == "cancel":
            return Taken({"verb": "cancel"}, line_card(CANCELLED))
        if verb == "back" and self._index:
            return Taken({"verb": "back"}, self._line(await turn.form_context()))
        if verb == "ask_fpm":
            return Kept(sentence=await _asked_fpm(turn, marker, value))
        return Kept(sentence=NO_SUCH_BUTTON)

    def _line(self, context: FormContext) -> Card:
        if page_is_done(self._page.key, context):
            return page_line_card(self._page, context)
        return line_card(f"{self._page.title}: to be answered later.")

    def _drawn(
        self,
        turn: Turn,
        context: FormContext,
        marker: Marker,
        values: Mapping[str, str] | None = None,
        mistakes: Mapping[str, str] | None = None,
    ) -> Card:
        return page_card(
            self._page,
            context,
            marker,
            values=values,
            mistakes=mistakes,
            is_first=self._index == 0,
            step=self._index + 1,
            steps=len(PAGES),
            asked_again=asked_again(turn),
        )

    def _typed(self, value: Mapping[str, object], context: FormContext) -> dict[str, str]:
        """Return what the card sent as text; what is no text at all gives way to the answer that stood before."""
        typed = {}
        for field in on_page(self._page.key, context):
            raw = value.get(field.key, "")
            if isinstance(raw, str | int | float) and not isinstance(raw, bool):
                typed[field.key] = cleaned(str(raw))[:_KEPT_LONGEST]
            else:
                typed[field.key] = context.answers.get(field.key, "")
        return typed


def asked_again(turn: Turn) -> frozenset[str]:
    """Return the keys of the fields that were returned to be fixed."""
    return frozenset(turn.conversation.form.get("asked_again", "").split(",")) - {""}


async def _asked_fpm(turn: Turn, marker: Marker, value: Mapping[str, object]) -> str:
    try:
        return await turn.desk.intake.ask_fpm(turn.person, text_in(value, "question"), marker["card"])
    except Refusal as refusal:
        turn_refused()
        return refusal.sentence


class SelfDeployQuestion:
    """The verdict that ends the form: guidance instead of a person."""

    async def card(self, turn: Turn, marker: Marker) -> Card:
        context = await turn.form_context()
        await turn.desk.intake.deflected(turn.person, marker["form"], context.answers)
        return self_deploy_card(context, marker)

    async def take(self, turn: Turn, _marker: Marker, value: Mapping[str, object]) -> Taken | Kept:
        match text_in(value, "verb"):
            case "back":
                verdict = (await turn.form_context()).verdict
                return Taken({"verb": "back"}, line_card(f"{verdict.reason}." if verdict else NO_LONGER_FIT))
            case "cancel":
                return Taken({"verb": "cancel"}, line_card(CANCELLED))
        return Kept(sentence=NO_SUCH_BUTTON)


class ReviewQuestion:
    """Everything read back; its `submit` makes the request, or sends a returned one again."""

    async def card(self, turn: Turn, marker: Marker, note: str = "") -> Card:
        context = await turn.form_context()
        number = turn.conversation.form.get("number", "")
        earlier = await turn.desk.intake.earlier(turn.person, context.answers, besides=number)
        lessons = await turn.desk.intake.lessons(turn.person, context.answers)
        return review_card(context, marker, earlier=earlier, lessons=lessons, number=number, note=note)

    async def take(self, turn: Turn, marker: Marker, value: Mapping[str, object]) -> Taken | Kept:
        match text_in(value, "verb"):
            case "submit":
                return await self._submitted(turn, marker)
            case "edit":
                return _edited(text_in(value, "page"))
            case "cancel":
                return Taken({"verb": "cancel"}, line_card(CANCELLED))
        return Kept(sentence=NO_SUCH_BUTTON)

    async def _submitted(self, turn: Turn, marker: Marker) -> Taken | Kept:
        context = await turn.form_context()
        if next_stop(context) != REVIEW:
            return Taken({"verb": "recheck"}, line_card(NO_LONGER_FIT))
        conversation = turn.conversation
        number, token = conversation.form.get("number", ""), conversation.form["token"]
        try:
            if number:
                revision = int(conversation.form["revision"])
                view = await turn.desk.intake.resubmit(turn.person, number, token, context.answers, revision)
            else:
                view = await turn.desk.intake.submit(turn.person, token, context.answers)
        except Refusal as refusal:
            turn_refused()
            return Kept(await self.card(turn, marker, refusal.sentence))
        conversation.answers, conversation.form = {}, {}
        again = "again " if number else ""
        return Taken({"verb": "submit"}, line_card(f"Sent {again}as {view.request.number}."))


def _edited(wanted: str) -> Taken | Kept:
    for page in PAGES:
        if page.key == wanted:
            return Taken({"verb": "edit", "page": wanted}, line_card(f"{page.title}: being changed."))
    return Kept(sentence=NO_SUCH_BUTTON)

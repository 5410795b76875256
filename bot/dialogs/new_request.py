"""The form as a waterfall: one step for each page of the catalogue, the self-deploy verdict, the review."""

from collections.abc import Awaitable, Callable

from botbuilder.dialogs import ComponentDialog, DialogTurnResult, WaterfallDialog, WaterfallStepContext

from bot.dialogs.card_prompt import CardPrompt, Question
from bot.dialogs.questions import CANCELLED, PageQuestion, ReviewQuestion, SelfDeployQuestion
from bot.dialogs.turn import say, turn_of
from bot.domain.fields import PAGES
from bot.domain.form import REVIEW, SELF_DEPLOY, next_stop, page_before

NEW_REQUEST = "new_request"
STEPS = "steps"
CARD = "card"

Step = Callable[[WaterfallStepContext], Awaitable[DialogTurnResult]]


def _questions() -> dict[str, Question]:
    """Return every question in the order of asking: the verdict comes right after the page that decides it."""
    found: dict[str, Question] = {}
    for page in PAGES:
        found[page.key] = PageQuestion(page)
        if page.key == page_before(SELF_DEPLOY):
            found[SELF_DEPLOY] = SelfDeployQuestion()
    return {**found, REVIEW: ReviewQuestion()}


class NewRequest(ComponentDialog):  # type: ignore[misc]  # the SDK ships no types
    """Begins with `{"asked": [...]}`: the pages to ask although they are done; others are asked when not done.

    The answers are in the conversation, never in the dialog's state.
    """

    def __init__(self) -> None:
        super().__init__(NEW_REQUEST)
        questions = _questions()
        self.stops = tuple(questions)
        self.add_dialog(WaterfallDialog(STEPS, [*(self._asking(stop) for stop in self.stops), self._finish]))
        self.add_dialog(CardPrompt(CARD, questions))

    def _asking(self, stop: str) -> Step:
        async def ask(step: WaterfallStepContext) -> DialogTurnResult:
            if step.result and step.result["verb"] != "next":
                return await self._move(step, step.result)
            if stop in step.options["asked"] or stop == next_stop(await turn_of(step.context).form_context()):
                return await step.begin_dialog(CARD, {"stop": stop})
            return await step.next(None)

        return ask

    async def _finish(self, step: WaterfallStepContext) -> DialogTurnResult:
        # Without a result the review was passed over: an answer given last has opened an earlier page.
        return await self._move(step, step.result or {"verb": "recheck"})

    async def _move(self, step: WaterfallStepContext, result: dict[str, str]) -> DialogTurnResult:
        """Leave the order of the steps: end the form, or run it anew with the pages to ask."""
        asked: list[str] = []
        match result["verb"]:
            case "submit":
                return await step.end_dialog()
            case "cancel":
                await say(step.context, CANCELLED)
                return await step.end_dialog()
            case "back":
                before = page_before(result["stop"])
                asked = [before, *self._asked_after(before, step.options["asked"])]
            case "edit":
                asked = [result["page"]]
        return await step.replace_dialog(STEPS, {"asked": asked})

    def _asked_after(self, stop: str, asked: list[str]) -> list[str]:
        return [later for later in asked if self.stops.index(later) > self.stops.index(stop)]

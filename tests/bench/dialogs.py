"""The form as a waterfall of cards, for either SDK: their dialog classes have the same names and methods.

Nothing is remembered about activities seen before: a repeated one gets what the state and the card's token make of it.
"""

from bot.cards.pieces import Card
from bot.domain.form import page_before
from bot.domain.people import Person
from tests.bench.form import CARD_TYPE, EARLIER_STEP, STOPS, Form, Kept, is_press_on, marker_of, new_card_key, new_form

STEPS = "steps"
CARD = "card"


class AskedByCard:
    """What a `Dialog` of either SDK does to ask one question: it takes an answer from that very card only.

    Begins with the form and its stop, and ends with them and the verb. The two classes are the SDK's own.
    """

    activity: type
    attachment: type

    def __init__(self, form: Form) -> None:
        super().__init__(CARD)
        self._form = form

    async def begin_dialog(self, dialog_context, options):
        context, state = dialog_context.context, dialog_context.active_dialog.state
        state.update(options, card=new_card_key())
        card = self._form.card(self._person(context), state["answers"], marker_of(state))
        await context.send_activity(self._message(card))
        return self.end_of_turn

    async def continue_dialog(self, dialog_context):
        context, state = dialog_context.context, dialog_context.active_dialog.state
        marker, place = marker_of(state), context.activity.reply_to_id
        if not is_press_on(marker, context.activity.value):
            await context.send_activity(EARLIER_STEP)
            return self.end_of_turn
        outcome = self._form.take(self._person(context), state["answers"], marker, context.activity.value)
        if isinstance(outcome, Kept):
            await context.update_activity(self._message(outcome.card, place))
            return self.end_of_turn
        kept = {key: state[key] for key in ("token", "answers", "asked", "stop")}
        ended = await dialog_context.end_dialog({**kept, "verb": outcome.verb})
        await context.update_activity(self._message(outcome.line, place))
        return ended

    def _message(self, card: Card, activity_id: str | None = None):
        attachment = self.attachment(content_type=CARD_TYPE, content=card)
        return self.activity(type="message", id=activity_id, summary=card["speak"], attachments=[attachment])

    def _person(self, context) -> Person:
        activity = context.activity
        return self._form.person(activity.channel_data, activity.from_property.aad_object_id)


class AskedInSteps:
    """What a `ComponentDialog` of either SDK does to ask the whole form: one step for each question."""

    def __init__(self, form: Form, waterfall: type, prompt: AskedByCard) -> None:
        super().__init__("new_request")
        self._form = form
        self.add_dialog(waterfall(STEPS, [self._asking(stop) for stop in STOPS]))
        self.add_dialog(prompt)
        self.initial_dialog_id = STEPS

    def _asking(self, stop: str):
        async def ask(step):
            if step.result and step.result["verb"] == "cancel":
                return await step.end_dialog()
            if step.result and step.result["verb"] == "back":
                return await step.replace_dialog(STEPS, {**step.result, "asked": [page_before(step.result["stop"])]})
            form = step.values["form"] = step.result or step.values.get("form") or step.options or new_form()
            activity = step.context.activity
            person = self._form.person(activity.channel_data, activity.from_property.aad_object_id)
            if stop in form["asked"] or stop == self._form.next_stop(person, form["answers"]):
                return await step.begin_dialog(CARD, {**form, "stop": stop})
            return await step.next(None)

        return ask

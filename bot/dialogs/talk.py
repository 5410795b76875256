"""Answers a message of a known person: a command, a press on a card of the form, or an answer to it."""

from collections.abc import Awaitable, Callable, Mapping

from botbuilder.core import StatePropertyAccessor, TurnContext
from botbuilder.dialogs import DialogContext, DialogSet, DialogState
from botbuilder.dialogs.memory import DialogStateManagerConfiguration

from bot.cards.insights import EXPORT
from bot.dialogs.commands import (
    accept,
    carry_out,
    recognised,
    request_access,
    show_covers,
    show_leaves,
    show_status,
    suggestion,
)
from bot.dialogs.export_file import press_export
from bot.dialogs.forms import Forms
from bot.dialogs.late_card import answer_late_card
from bot.dialogs.new_request import CARD, NEW_REQUEST, STEPS, NewRequest
from bot.dialogs.turn import TURN, Turn, pressed, say, text_in, turn_of
from bot.domain.errors import Refusal
from bot.domain.ports import Clock
from bot.telemetry import turn_refused

NOT_UNDERSTOOD = "I did not understand that. Type help to see what I can do."
DRAFT_WAITS = "I did not understand that. Your answers are kept: type new request to go on, or help."
# Every command is far shorter; a pasted document is not combed through for one.
_LONGEST_READ = 300

Stack = list[dict[str, object]]
LoadStack = Callable[[Stack], DialogState]
DumpStack = Callable[[DialogState], Stack]


class Talk:
    """One for all conversations: what differs between them comes with the turn.

    `load_stack` and `dump_stack` turn the conversation's stack into the SDK's dialog state and back.
    """

    def __init__(self, clock: Clock, load_stack: LoadStack, dump_stack: DumpStack) -> None:
        self._clock = clock
        self._form = NewRequest()
        self._no_scopes = DialogStateManagerConfiguration()
        self._stacks = _Stacks(self._form, load_stack, dump_stack)
        self._dialogs = DialogSet(self._stacks).add(self._form)

    async def message(self, turn: Turn, context: TurnContext) -> None:
        """Answer, and leave the conversation as it has become, for the caller to save."""
        dialogs = await self._begun(turn, context)
        forms = Forms(turn, context, dialogs, self._clock)
        try:
            await _answered(forms)
        except Refusal as refusal:
            turn_refused()
            await say(context, refusal.sentence)
        else:
            await self._stacks.set(context, DialogState(dialogs.stack))

    async def repeat(self, turn: Turn, context: TurnContext) -> None:
        """Answer a message that was answered before: nothing is done again, but what was lost is posted."""
        dialogs = await self._begun(turn, context)
        typed = recognised(context.activity.text or "")
        if typed and typed.command.only_reads:
            await self.message(turn, context)
        else:
            await dialogs.reprompt_dialog()

    async def _begun(self, turn: Turn, context: TurnContext) -> DialogContext:
        context.turn_state[TURN] = turn
        # Without this the SDK makes its memory scopes anew for every dialog of every turn, and nothing here has any.
        context.turn_state[DialogStateManagerConfiguration.__name__] = self._no_scopes
        return await self._dialogs.create_context(context)


class _Stacks(StatePropertyAccessor):  # type: ignore[misc]  # the SDK ships no types
    """Keeps the dialog stack in the conversation. A stack that does not fit the form as it is now is given up."""

    def __init__(self, form: NewRequest, load_stack: LoadStack, dump_stack: DumpStack) -> None:
        self._form = form
        self._load = load_stack
        self._dump = dump_stack

    async def get(
        self,
        turn_context: TurnContext,
        default_value_or_factory: object = None,  # noqa: ARG002 - the SDK's signature
    ) -> DialogState:
        conversation = turn_of(turn_context).conversation
        state = self._loaded(conversation.stack)
        if state is None or (state.dialog_stack and "token" not in conversation.form):
            await self.delete(turn_context)
            return DialogState()
        return state

    async def set(self, turn_context: TurnContext, value: DialogState) -> None:
        turn_of(turn_context).conversation.stack = self._dump(value)

    async def delete(self, turn_context: TurnContext) -> None:
        turn_of(turn_context).conversation.stack = []

    def _loaded(self, stack: Stack) -> DialogState | None:
        try:
            state = self._load(stack)
        except (AttributeError, KeyError, TypeError, ValueError):
            return None
        outer = [(instance.id, instance.state) for instance in state.dialog_stack]
        match outer:
            case []:
                return state
            case [(str(found), {"dialogs": DialogState() as inner})] if found == NEW_REQUEST:
                return state if self._fits(inner) else None
        return None

    def _fits(self, inner: DialogState) -> bool:
        if [instance.id for instance in inner.dialog_stack] != [CARD, STEPS]:
            return False
        card, steps = (instance.state for instance in inner.dialog_stack)
        match card, steps:
            case {"stop": str(stop), "card": str()}, {"stepIndex": int(step), "options": {"asked": list()}}:
                is_whole = steps.keys() >= {"values", "instanceId"}
                return is_whole and stop in self._form.stops and self._form.stops.index(stop) == step
        return False


Presses = Mapping[str, Callable[[Forms, Mapping[str, object]], Awaitable[None]]]


async def _status(forms: Forms, value: Mapping[str, object]) -> None:
    await show_status(forms, text_in(value, "request"))


async def _again(forms: Forms, value: Mapping[str, object]) -> None:
    await forms.again(text_in(value, "request"))


async def _fix(forms: Forms, value: Mapping[str, object]) -> None:
    await forms.fix(text_in(value, "request"))


async def _end_cover(forms: Forms, value: Mapping[str, object]) -> None:
    cover, starts, ends = (text_in(value, key) for key in ("cover", "starts", "ends"))
    await forms.turn.desk.covers.end(forms.turn.person, cover, starts, ends)
    await show_covers(forms)


async def _end_leave(forms: Forms, value: Mapping[str, object]) -> None:
    await forms.turn.desk.leaves.end(forms.turn.person, text_in(value, "first"), text_in(value, "last"))
    await show_leaves(forms)


async def _give_code(forms: Forms, value: Mapping[str, object]) -> None:
    await accept(forms, text_in(value, "code"))


async def _ask(forms: Forms, _value: Mapping[str, object]) -> None:
    await request_access(forms, "")


_PRESSES: Presses = {
    "status": _status,
    "again": _again,
    "fix": _fix,
    "accept_code": _give_code,
    "ask": _ask,
    "end_cover": _end_cover,
    "end_leave": _end_leave,
    EXPORT: press_export,
    "resume": Forms.resume,
    "afresh": Forms.afresh,
}


async def _answered(forms: Forms) -> None:
    value = pressed(forms.context)
    if value is None:
        await _answered_words(forms)
    elif handle := _PRESSES.get(text_in(value, "verb")):
        await handle(forms, value)
    elif "form" not in value:
        await say(forms.context, NOT_UNDERSTOOD)
    elif forms.dialogs.active_dialog:
        await forms.dialogs.continue_dialog()
    else:
        await answer_late_card(forms.turn, forms.context, value)


async def _answered_words(forms: Forms) -> None:
    """Answer typed words: commands work in the middle of the form and leave it as it is."""
    text = forms.context.activity.text
    text = text[:_LONGEST_READ] if isinstance(text, str) else ""
    if typed := recognised(text):
        await carry_out(typed, forms)
    elif meant := suggestion(text, forms.turn.person):
        await say(forms.context, meant)
    elif forms.dialogs.active_dialog:
        await forms.dialogs.continue_dialog()
    else:
        await say(forms.context, DRAFT_WAITS if forms.has_draft else NOT_UNDERSTOOD)

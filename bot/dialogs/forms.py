"""Begins the form, and offers, resumes or replaces a draft: whatever was answered is lost only when asked to."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from botbuilder.core import TurnContext
from botbuilder.dialogs import DialogContext

from bot.cards.form import draft_card, line_card
from bot.cards.words import moment
from bot.dialogs.late_card import answer_late_card
from bot.dialogs.new_request import NEW_REQUEST
from bot.dialogs.questions import asked_again
from bot.dialogs.turn import Turn, collapse, new_card_key, place_of_press, post, text_in
from bot.domain.errors import Refusal
from bot.domain.fields import BY_KEY, PAGES
from bot.domain.people import Role
from bot.domain.ports import Clock

FOR_REQUESTERS = "Requests are made by a partner's registered contacts. Type help to see what you can do."
RESUMED = "Going on with the form you had begun."
AFRESH = "The form you had begun was put away."
_TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of one turn. At most one is under way in a chat; its answers are its draft."""

    turn: Turn
    context: TurnContext
    dialogs: DialogContext
    clock: Clock

    @property
    def has_draft(self) -> bool:
        return bool(self.turn.conversation.answers and self.turn.conversation.form.get("token"))

    async def new(self) -> None:
        """Begin a form, or offer the draft."""
        if not self.turn.person.is_a(Role.REQUESTER):
            raise Refusal(FOR_REQUESTERS)
        await self._begin_or_offer({}, {}, {})

    async def again(self, number: str) -> None:
        """Begin a form for another workload with the answers of an earlier request, or offer the draft."""
        await self._begin_or_offer(*await self._copied(number), {"again": number})

    async def fix(self, number: str) -> None:
        """Open a returned request's answers in the form, or offer the draft when it belongs to something else."""
        answers, form = await self._returned(number)
        draft = self.turn.conversation.form
        is_same_request = self.has_draft and draft.get("number") == form["number"]
        if is_same_request and draft.get("revision") == form["revision"]:
            await self._run()
        elif is_same_request:
            # Somebody has sent it again since: the draft is of a request that is not like that any more.
            await self._begin(answers, form)
        else:
            await self._begin_or_offer(answers, form, {"fix": number})

    async def resume(self, value: Mapping[str, object]) -> None:
        """Go on with the draft that a draft card offered."""
        if await self._is_this_draft(value):
            await self._run()
            await self._close_offer(value, RESUMED)

    async def afresh(self, value: Mapping[str, object]) -> None:
        """Put the draft away and begin what the draft card stood before."""
        if not await self._is_this_draft(value):
            return
        if again := text_in(value, "again"):
            await self._begin(*await self._copied(again))
        elif fix := text_in(value, "fix"):
            await self._begin(*await self._returned(fix))
        else:
            await self._begin({}, {})
        await self._close_offer(value, AFRESH)

    async def _copied(self, number: str) -> tuple[dict[str, str], dict[str, str]]:
        return await self.turn.desk.intake.answers_for_another(self.turn.person, number), {}

    async def _returned(self, number: str) -> tuple[dict[str, str], dict[str, str]]:
        answers, view = await self.turn.desk.intake.answers_to_fix(self.turn.person, number)
        request = view.request
        asked = ",".join(request.returned_fields)
        return answers, {"number": request.number, "revision": str(request.revision), "asked_again": asked}

    async def _begin_or_offer(self, answers: dict[str, str], form: dict[str, str], wanted: dict[str, str]) -> None:
        if not self.has_draft:
            await self._begin(answers, form)
            return
        draft, key = self.turn.conversation, new_card_key()
        marker = {"form": draft.form["token"], "card": key, **wanted}
        customer = draft.answers.get("tenant_name", "")
        await post(self.context, draft_card(marker, began=draft.form.get("began", ""), customer=customer), key)

    async def _begin(self, answers: dict[str, str], form: dict[str, str]) -> None:
        began = moment(self.clock(), ZoneInfo(self.turn.person.time_zone))
        self.turn.conversation.answers = answers
        self.turn.conversation.form = {"token": secrets.token_hex(_TOKEN_BYTES), "began": began, **form}
        await self._run()

    async def _run(self) -> None:
        pages = {BY_KEY[key].page for key in asked_again(self.turn) if key in BY_KEY}
        await self.dialogs.cancel_all_dialogs()
        await self.dialogs.begin_dialog(NEW_REQUEST, {"asked": [page.key for page in PAGES if page.key in pages]})

    async def _is_this_draft(self, value: Mapping[str, object]) -> bool:
        if self.has_draft and text_in(value, "form") == self.turn.conversation.form["token"]:
            return True
        await answer_late_card(self.turn, self.context, value)
        return False

    async def _close_offer(self, value: Mapping[str, object], sentence: str) -> None:
        key = text_in(value, "card")
        await collapse(self.context, key, place_of_press(self.context, key), line_card(sentence))

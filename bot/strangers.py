"""Answers who is not in the directory: refused kindly, recognised by the roster, or helped to ask for access."""

from dataclasses import dataclass

from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.cards.access import ask_card, standing_card
from bot.cards.pieces import Card
from bot.cards.words import welcome_card
from bot.channel.roster import Roster
from bot.dialogs.commands import ACCEPT, recognised
from bot.dialogs.turn import post, pressed, say, show_in_place, text_in
from bot.domain.access import LONGEST_NAME
from bot.domain.access_desk import AccessDesk, AccessMistakes, Asker, may_ask
from bot.domain.errors import Refusal
from bot.domain.people import Identity, Partner, Person
from bot.domain.ports import People
from bot.domain.texts import one_line
from bot.telemetry import turn_refused
from bot.turns import Turns

UNKNOWN_TENANT = "This bot serves FastTrack Ready Partners. Your organisation is not registered with the programme."
UNKNOWN_AT_HOME = "I do not know you yet. Please ask the programme team to add you to the directory."
NO_OBJECT_ID = "Teams did not say who you are, so I cannot help here. Please use the account of your own organisation."
TRY_AGAIN = "Teams does not say just now who you are. Please try again in a minute; your code stays valid."
GUEST = "You are here as a guest. Please use the account of your own organisation, and open the app there."


@dataclass(frozen=True, slots=True)
class Strangers:
    """`home_tenant` is the Entra tenant of FPMs, assigners, SMEs and programme."""

    turns: Turns
    people: People
    access: AccessDesk
    roster: Roster
    home_tenant: str

    async def recognised(self, activity: Activity, identity: Identity) -> Person | None:
        """Bind an account of the home tenant to the person of the directory whose address the roster gives it."""
        if identity.tenant_id != self.home_tenant or not identity.object_id:
            return None
        listed = await self.roster.of(activity)
        for address in () if listed.is_guest else listed.addresses:
            if await self.people.bind(address, identity):
                return await self.people.by_identity(identity)
        return None

    async def answer(self, activity: Activity, identity: Identity) -> Person | None:
        """Answer a message; return the person that it has made of its sender."""
        partner = await self._partner(identity)
        refused = await self.refusal(activity, identity, partner)
        if refused or partner is None:
            await self.turns.say(activity, lambda context: say(context, refused))
            return None
        asker = self._asker(activity, identity, partner)
        typed = recognised(activity.text if isinstance(activity.text, str) else "")
        value = activity.value if isinstance(activity.value, dict) else {}
        code = text_in(value, "code") if value.get("verb") == "accept_code" else ""
        if typed and typed.command is ACCEPT:
            code = typed.rest
        if code:
            is_known = (await self.roster.of(activity)).is_known
            await self.turns.say(activity, lambda context: self._accept(context, asker, code, is_known=is_known))
            return await self.people.by_identity(identity)
        await self.turns.say(activity, lambda context: self._ask(context, asker))
        return None

    async def greet(self, activity: Activity, identity: Identity) -> None:
        """Show somebody of a partner who has installed the app how to ask for access."""
        partner = await self._partner(identity)
        if partner and not await self.refusal(activity, identity, partner):
            asker = self._asker(activity, identity, partner)
            await self.turns.say(activity, lambda context: self._ask(context, asker))

    async def refusal(self, activity: Activity, identity: Identity, partner: Partner | None) -> str:
        """Return the sentence for somebody who cannot even ask, '' for who can. Nothing is kept of either."""
        if identity.tenant_id == self.home_tenant:
            return GUEST if (await self.roster.of(activity)).is_guest else UNKNOWN_AT_HOME
        if partner is None:
            return UNKNOWN_TENANT
        if not identity.object_id:
            return NO_OBJECT_ID
        return GUEST if (await self.roster.of(activity)).is_guest else ""

    async def sentence(self, activity: Activity, identity: Identity) -> str:
        """Return the answer to a press on a card that somebody unknown was once shown."""
        partner = await self._partner(identity)
        refused = await self.refusal(activity, identity, partner)
        if refused or partner is None:
            return refused
        return f"You are not registered for {partner.name}. Type request access to ask {await self._fpm(partner)}."

    @staticmethod
    def _asker(activity: Activity, identity: Identity, partner: Partner) -> Asker:
        return Asker(identity, partner, one_line(activity.from_property.name or "")[:LONGEST_NAME])

    async def _partner(self, identity: Identity) -> Partner | None:
        if identity.tenant_id == self.home_tenant:
            return None
        return await self.people.partner_of_tenant(identity.tenant_id)

    async def _accept(self, context: TurnContext, asker: Asker, code: str, *, is_known: bool) -> None:
        """Take a code, and welcome who comes in by it; a guest must not, so the roster has to have answered."""
        if not is_known:
            await say(context, TRY_AGAIN)
            return
        try:
            await post(context, welcome_card(await self.access.accept(asker, code)))
        except Refusal as refusal:
            turn_refused()
            await say(context, refusal.sentence)

    async def _ask(self, context: TurnContext, asker: Asker) -> None:
        """Show the card to ask with, or what became of the asking; take what the card was filled in with."""
        value = pressed(context)
        if value is None or value.get("verb") != "ask":
            await post(context, await self._card(asker))
            return
        fpm = await self._fpm(asker.partner)
        given = {key: text for key in value if (text := text_in(value, key))}
        try:
            card = standing_card(asker, await self.access.ask(asker, given), fpm)
        except AccessMistakes as mistakes:
            card = ask_card(asker, fpm, given, mistakes.by_field)
        await show_in_place(context, card)

    async def _card(self, asker: Asker) -> Card:
        standing, fpm = await self.access.standing(asker), await self._fpm(asker.partner)
        if standing is None or may_ask(standing, self.access.clock()):
            return ask_card(asker, fpm)
        return standing_card(asker, standing, fpm)

    async def _fpm(self, partner: Partner) -> str:
        fpm = await self.people.by_email(partner.fpm)
        return f"{fpm.name} ({fpm.email})" if fpm else partner.fpm

"""What people are told of an admission: the FPM by a card, and who is not in the directory yet by mail."""

from dataclasses import dataclass
from typing import Any

from bot.cards.access import admission_card, invitation_mail, refusal_mail
from bot.cards.form import line_card
from bot.domain.access import Admission, AdmissionState, deputies_for, new_code, with_code
from bot.domain.access_desk import AccessView, decides
from bot.domain.lifecycle import Topic
from bot.domain.notices import Notice
from bot.domain.people import Person
from bot.domain.ports import Admissions, Clock, Mail, People

NOT_YOURS_ANY_MORE = "Access for this person is not yours to decide on any more."


@dataclass(frozen=True, slots=True)
class AccessNews:
    """Where the courier turns for notices that are about an admission."""

    admissions: Admissions
    people: People
    mail: Mail
    clock: Clock

    async def card(self, notice: Notice, admission: Admission, reader: Person) -> dict[str, Any]:
        """Return the card for whoever decides; for who does not decide any more a line that tells nothing."""
        partner = await self.people.partner(admission.partner)
        if partner is None or not await decides(reader, partner, self.people, self.clock()):
            return line_card(NOT_YOURS_ANY_MORE)
        # A deputy's notice says what went wrong; the first one only what the card says as well.
        is_deputys = admission.state is not AdmissionState.ASKED and notice.revision == admission.revision
        note = notice.sentence if is_deputys else ""
        decider = await self._decider(admission)
        return admission_card(AccessView(admission, partner, reader, self.clock(), decider, note))

    async def deputies(self, notice: Notice, admission: Admission) -> list[Notice]:
        partner = await self.people.partner(admission.partner)
        return deputies_for(notice, admission, partner, self.clock()) if partner else []

    async def send(self, notice: Notice, admission: Admission) -> None:
        """Mail a fresh code, or a refusal. The code is kept as a hash only, so each mail has another one.

        Raises OSError when the mail could not be handed over, Raced when the admission has just changed.
        """
        partner = await self.people.partner(admission.partner)
        name, decider = partner.name if partner else admission.partner, await self._decider(admission)
        key = f"{admission.id}/{notice.revision}/{notice.topic}"
        text = refusal_mail(admission, name, decider)
        if notice.topic is Topic.INVITATION:
            code = new_code()
            admission = await self.admissions.save(with_code(admission, code, self.clock()))
            key, text = f"{key}/{admission.codes}", invitation_mail(admission, name, decider, code)
        await self.mail.send(key, admission.told_at, notice.sentence, text)

    async def _decider(self, admission: Admission) -> str:
        found = await self.people.by_email(admission.changed_by) if admission.changed_by else None
        return found.name if found else admission.changed_by

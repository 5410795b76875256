"""Keeps the books: after each change the digest of a request, of which all numbers are made, is entered anew."""

from dataclasses import dataclass

from bot.domain.digest import Digest, digest_of
from bot.domain.ports import Case, Ledger, Requests
from bot.domain.request import SmeRequest
from bot.domain.tally import Counts


@dataclass(frozen=True, slots=True)
class Bookkeeper:
    """Reads a whole history and enters what it adds up to; safe to run twice at once."""

    requests: Requests
    ledger: Ledger

    async def enter(self, case: Case) -> Counts:
        """Bring the digest of a request up to date; return what that adds to the counts of the tally."""

        async def fresh() -> Digest:
            latest = await self.requests.load(case.request.number)
            return await self.digest(latest.request if latest else case.request)

        return await self.ledger.enter(case.request, fresh)

    async def digest(self, request: SmeRequest) -> Digest:
        """Return the digest of a request from its history, engagements and notices."""
        number = request.number
        history, engagements = await self.requests.history(number), await self.requests.engagements_of(number)
        return digest_of(request, history, engagements, await self.requests.notices_of(number))

"""When partners were reviewed: one row for each review in the partner's partition, the latest first."""

from contextlib import suppress

from bot.domain.ports import Review
from state.keys import inverted, key
from state.reading import time_in
from state.records import SCHEMA, time_text
from state.table import Conflict, Put, Store, Table, Value, prefix_end

REVIEW = "review"


class ReviewStore:
    """The reviews on the table `requests`."""

    def __init__(self, store: Store) -> None:
        self._table: Table = store.table("requests")

    async def last(self, partner: str) -> Review | None:
        prefix = f"{key(REVIEW)}:"
        async for row in self._table.scan(partner, prefix, prefix_end(prefix), limit=1):
            return Review(partner, str(row.values["by"]), time_in(row.values, "at"))
        return None

    async def add(self, review: Review) -> None:
        """Keep a review; one of the same moment stays as it is."""
        values: dict[str, Value] = {"schema": SCHEMA, "partner": review.partner, "by": review.by}
        values["at"] = time_text(review.at)
        with suppress(Conflict):
            await self._table.commit(review.partner, [Put(key(REVIEW, inverted(review.at)), values)])

"""Rows as older versions wrote them: without the columns that have come since."""

from state.table import Put

BEFORE_KICKOFFS = {
    "request": ("stage", "to_agree", "proposed_by"),
    "engagement": ("agreed", "end_announced", "kickoff_", "note_", "result_", "rating_", "proposal_"),
}
"""How the columns begin that the version before kick-offs did not have, by the kind of row."""
BEFORE_CLOCKS = {
    "request": (*BEFORE_KICKOFFS["request"], "triage_due", "slipped", "last_deed"),
    "engagement": (*BEFORE_KICKOFFS["engagement"], "contacted_at", "reply_due", "contact_due"),
}


async def rows_of(store, partition, kind):
    return [row async for row in store.table("requests").scan(partition, f"{kind}:", f"{kind};")]


async def written_before(store, partition, version, *kinds, last_only=False):
    """Leave the rows of these kinds as an older version had written them."""
    in_lines = tuple(f"{kind}_{name}" for kind, names in version.items() for name in names)
    for kind in kinds:
        rows = await rows_of(store, partition, kind)
        for row in rows[-1:] if last_only else rows:
            unknown = version.get(kind, in_lines)
            known = {name: value for name, value in row.values.items() if not name.startswith(unknown)}
            await store.table("requests").commit(partition, [Put(row.key, known, row.etag)])

"""Examinations run for themselves: one that fails or hangs is a finding, and the others are not lost."""

import asyncio

from bot.examination.finding import Finding, Level, counted, examples, findings_of


async def well():
    return [Finding("well", "is so")]


async def failing():
    raise KeyError("a secret")


FAILING_LINE = failing.__code__.co_firstlineno + 1


async def hanging():
    await asyncio.Event().wait()


async def hanging_on():
    """Hang, and fail when told to end."""
    try:
        await asyncio.Event().wait()
    finally:
        raise OSError("not now")


async def test_what_fails_or_hangs_is_a_finding_and_the_rest_is_examined():
    asked = {"failing": failing, "hanging": hanging, "hanging on": hanging_on, "well": well}
    found = [finding async for finding in findings_of(asked, 0.05)]
    assert [(each.level, each.name, each.is_so) for each in found] == [
        (Level.MEND, "failing", f"could not be examined: KeyError at test_finding.py:{FAILING_LINE}"),
        (Level.MEND, "hanging", "could not be examined within 0 seconds"),
        (Level.MEND, "hanging on", "could not be examined within 0 seconds"),
        (Level.OK, "well", "is so"),
    ]


async def test_all_are_examined_at_once():
    begun, both = [], asyncio.Event()

    async def waiting():
        begun.append(1)
        if len(begun) == 2:
            both.set()
        await both.wait()
        return await well()

    assert len([finding async for finding in findings_of({"one": waiting, "two": waiting})]) == 2


def test_counts_and_examples_read_as_words():
    assert (counted(1, "partner"), counted(1200, "person", "people")) == ("1 partner", "1,200 people")
    assert (examples(["a", "b"], 2), examples(["a", "b", "c"], 2)) == ("a, b", "a, b and 1 more")

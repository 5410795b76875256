"""What people of a partner have learned: the whole ledger, and what counts when the same is asked for again."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.cards.answers import in_words
from bot.cards.pieces import Card, Element, box, card, columns, own, rich, run, submit
from bot.cards.size import shortened
from bot.cards.words import day
from bot.domain.learning import Lesson
from bot.domain.people import Person

MOST_ROWS = 15
_NAMES_LONGEST, _SUMMARY_LONGEST = 200, 300


def learning_card(lessons: Sequence[Lesson], reader: Person) -> Card:
    """Return one row for each engagement that has ended."""
    zone = ZoneInfo(reader.time_zone)
    shown = [_row(each, zone) for each in lessons[:MOST_ROWS]] or [own("No help has ended yet.")]
    title = own("What was learned", bold=True, size="medium", heading=True)
    more = [own("Earlier help is not shown.", subtle=True)] if len(lessons) > MOST_ROWS else []
    return card(f"What was learned: {min(len(lessons), MOST_ROWS)}.", [title, *shown, *more])


def lessons_box(lessons: Sequence[Lesson], zone: ZoneInfo) -> list[Element]:
    """Return who of the partner knows the topic already and what came of the help, or nothing."""
    if not lessons:
        return []
    lines = [element for each in lessons for element in _remembered(each, zone)]
    return [box([own("Learned before", bold=True), *lines], "good")]


def _learners(lesson: Lesson) -> str:
    return shortened(", ".join(lesson.learners), _NAMES_LONGEST)


def _remembered(lesson: Lesson, zone: ZoneInfo) -> list[Element]:
    learned = lesson.learned
    who = run(_learners(lesson), bold=True) + run(" learned this with ") if lesson.learners else run("Help came from ")
    when = f" ({learned.number}, {day(learned.ended_at, zone)})"
    words = [rich(run(f"“{shortened(lesson.summary, _SUMMARY_LONGEST)}”"), spacing="none")] if lesson.summary else []
    return [rich(who, run(lesson.sme), run(when, subtle=True), spacing="small"), *words]


def _row(lesson: Lesson, zone: ZoneInfo) -> Element:
    learned = lesson.learned
    topic = in_words("topic", learned.topic, {})
    what = f"{in_words('workload', learned.workload, {})}: {topic[0].lower()}{topic[1:]}"
    words = [
        rich(run(_learners(lesson) or "Nobody was named", bold=True)),
        rich(run(what), spacing="none"),
        rich(run(f"{learned.customer}, with {lesson.sme}, {day(learned.ended_at, zone)}", subtle=True), spacing="none"),
    ]
    opened = submit("Open", {"verb": "status", "request": learned.number}, tooltip=f"Open {learned.number}")
    button = {"type": "ActionSet", "actions": [opened]}
    return {**columns(words, [button], widths=("stretch", "auto"), spacing="medium"), "separator": True}

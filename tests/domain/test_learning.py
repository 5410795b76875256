"""What people of a partner have learned: told to the partner and its FPM, and to whoever decides the next time."""

from datetime import timedelta

from bot.domain.learning import MOST_LESSONS, MOST_LINES
from bot.domain.people import ERASED_AT, ERASED_NAME
from tests.domain.helping import agreed, completed
from tests.domain.office import ANA, ARJUN, DANA, JOSHUA, KOFI, LEE, MIKA, PIOTR

DAYS = timedelta(days=1)
LEARNERS = f"{PIOTR.upper()}; Somebody Else, nobody@contoso-consulting.example"


def tenant(n):
    return {"tenant_id": f"11111111-2222-4333-8444-{n:012}", "tenant_name": f"Customer {n}"}


async def ended(office, n, **answers):
    """Bring help for customer n to its end, a day after the one before."""
    number = await completed(office, token=f"{n:032x}", **tenant(n), **answers)
    office.now += DAYS
    return number


async def lessons(office, who):
    return await office.desk.learning.of(await office.person(who))


async def test_who_learned_is_told_by_name_where_the_directory_knows_them(office):
    number = await completed(office, learners=LEARNERS)
    [lesson] = await lessons(office, DANA)
    assert (lesson.learned.number, lesson.sme) == (number, "Kofi Mensah")
    assert lesson.learners == ("Piotr Zieliński", "Somebody Else", "nobody@contoso-consulting.example")
    assert lesson.learned.learners[0] == PIOTR.upper()
    assert (lesson.learned.customer, lesson.learned.ended_at, lesson.summary) == ("Tailspin Toys", office.now, "")


async def test_of_a_learner_who_was_erased_no_address_is_shown(office):
    await completed(office, learners=f"0123456789{ERASED_AT}, {PIOTR}")
    [lesson] = await lessons(office, DANA)
    assert lesson.learners == (ERASED_NAME, "Piotr Zieliński")


async def test_the_partner_and_its_fpms_see_it_and_nobody_else_does(office):
    number = await completed(office)
    seen = {who: [each.learned.number for each in await lessons(office, who)] for who in (DANA, PIOTR, LEE, MIKA)}
    assert seen == {who: [number] for who in seen}
    for who in (JOSHUA, ARJUN, ANA, KOFI):
        assert await lessons(office, who) == []


async def test_nothing_is_learned_before_the_end(office):
    await agreed(office, learners=PIOTR)
    assert await lessons(office, DANA) == []


async def test_the_latest_come_first_and_sixteen_at_most(office):
    made = [await ended(office, n) for n in range(MOST_LINES + 1)]
    assert [each.learned.number for each in await lessons(office, LEE)] == made[:0:-1]


async def test_whoever_decides_sees_what_came_of_the_same_topic_before(office):
    same = [await ended(office, n) for n in range(MOST_LESSONS + 1)]
    await ended(office, 10, workload="EXCHANGE")
    number = await office.submitted(token="ab" * 16)
    view = await office.desk.lookup.view(await office.person(LEE), number)
    assert [each.learned.number for each in view.lessons] == same[:0:-1]
    assert {each.summary for each in view.lessons} == {"Calling runs."}
    assert not (await office.desk.lookup.view(await office.person(DANA), number)).lessons
    await office.press(LEE, "approve", number)
    assert not (await office.desk.lookup.view(await office.person(LEE), number)).lessons


async def test_who_asks_sees_before_what_the_own_partner_has_learned(office):
    number = await ended(office, 1)
    answers = {"partner_name": "CONTOSO", "workload": "TEAMS", "topic": "coaching"}
    dana, joshua = await office.person(DANA), await office.person(JOSHUA)
    assert [each.learned.number for each in await office.desk.intake.lessons(dana, answers)] == [number]
    assert await office.desk.intake.lessons(joshua, answers) == ()
    assert await office.desk.intake.lessons(dana, answers | {"topic": "migration"}) == ()

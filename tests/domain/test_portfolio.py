"""The portfolio: the partners of an FPM by urgency, and the review of one with what changed since the last."""

from datetime import timedelta

import pytest

from bot.domain.errors import Refusal
from bot.domain.insights import NOT_FOR_YOU, NOT_YOUR_PARTNER
from bot.domain.lifecycle import Status
from bot.domain.people import Cover, Partner
from bot.domain.portfolio import PARTNERS_A_PAGE, PERIODS, REPEATED_WITHIN
from bot.domain.timekeeper import Timekeeper
from tests.domain.booked import OF_FABRIKAM, OF_NORTHWIND, at, booked, enter, only, tenant
from tests.domain.helping import completed, proposed
from tests.domain.office import ANA, ARJUN, DANA, HOURS, KOFI, LEE, MIKA, MONDAY, RENEE, SAMIRA

DAYS = timedelta(days=1)
SECOND = timedelta(seconds=1)


async def portfolio(office, who, page=1):
    return await office.desk.portfolio.of(await office.person(who), page)


async def review(office, who=LEE, code="CONTOSO", months=3):
    return await office.desk.portfolio.review(await office.person(who), code, months)


async def reviewed(office, who=LEE, code="CONTOSO"):
    await office.desk.portfolio.reviewed(await office.person(who), code)


async def settle(office, *numbers):
    """Write lists and ledger as the courier does."""
    await office.write_lists(*numbers)
    await enter(office, *numbers)


async def load_partners(office, count, fpm):
    directory = await office.people.export()
    many = {f"P{n:02}": Partner(f"P{n:02}", f"Partner {n:02}", "EMEA", (), fpm) for n in range(count)}
    await office.people.load(type(directory)({**directory.partners, **many}, directory.people))


def codes(found):
    return [row.partner.code for row in found.rows]


async def covering_all(office):
    """Have Lee look after all three partners."""
    for fpm in (RENEE, ARJUN):
        await office.people.add_cover(Cover(fpm, LEE, office.now - DAYS, office.now + 30 * DAYS))


async def test_partners_come_by_what_is_due_first_and_then_by_name(office):
    await covering_all(office)
    assert codes(await portfolio(office, LEE)) == ["CONTOSO", "FABRIKAM", "NORTHWIND"]
    first = await office.submitted(f"{1:032x}", **tenant(1), **OF_NORTHWIND)
    office.now += HOURS
    second = await office.submitted(f"{2:032x}", **tenant(2), **OF_FABRIKAM)
    third = await office.submitted(f"{3:032x}", **tenant(3), **OF_NORTHWIND)
    await settle(office, first, second, third)
    found = await portfolio(office, LEE)
    assert codes(found) == ["NORTHWIND", "FABRIKAM", "CONTOSO"]
    assert [[row.number for row in standing.waiting] for standing in found.rows] == [[first, third], [second], []]
    assert [standing.open for standing in found.rows] == [2, 1, 0]
    await office.press(LEE, "deny", first, deny_reason="duplicate")
    await settle(office, first)
    assert codes(await portfolio(office, LEE)) == ["FABRIKAM", "NORTHWIND", "CONTOSO"]


async def test_what_is_open_counts_whatever_its_age_and_the_numbers_are_of_three_months(office):
    await booked(office)
    office.now = at("2027-02-02T10:00")
    [row] = (await portfolio(office, LEE)).rows
    assert (row.partner.code, row.open, row.counts) == ("CONTOSO", 2, {})
    office.now = at("2026-11-30T10:00")
    [row] = (await portfolio(office, LEE)).rows
    assert only(row.counts, "requests", "denied", "returned") == {"requests": 3, "denied": 1, "returned": 1}


async def test_only_what_waits_for_the_reader_is_shown_as_waiting(office):
    number = await office.submitted()
    await settle(office, number)
    [row] = (await portfolio(office, LEE)).rows
    assert [each.number for each in row.waiting] == [number]
    for who in (SAMIRA, MIKA):
        found = await portfolio(office, who)
        assert [(each.partner.code, each.open, each.waiting) for each in found.rows] == [
            ("CONTOSO", 1, ()), ("FABRIKAM", 0, ()), ("NORTHWIND", 0, ()),
        ]  # fmt: skip


@pytest.mark.parametrize(("asked", "shown"), [(1, 1), (2, 2), (3, 3), (4, 3), (0, 1), (-5, 1), (999, 3)])
async def test_partners_are_paged_and_a_page_that_is_not_there_is_the_nearest(office, asked, shown):
    await load_partners(office, 2 * PARTNERS_A_PAGE, LEE)
    found = await portfolio(office, LEE, asked)
    assert (found.page, found.pages) == (shown, 3)
    everybody = ["CONTOSO", *(f"P{n:02}" for n in range(16))]
    assert codes(found) == everybody[(shown - 1) * PARTNERS_A_PAGE :][:PARTNERS_A_PAGE]


async def test_an_fpm_without_partners_has_an_empty_page(office):
    directory = await office.people.export()
    without = {code: partner for code, partner in directory.partners.items() if partner.fpm != RENEE}
    await office.people.load(type(directory)(without, directory.people), remove_missing=True)
    found = await portfolio(office, RENEE)
    assert (found.rows, found.page, found.pages) == ((), 1, 1)


@pytest.mark.parametrize("who", [DANA, ANA, KOFI])
async def test_nobody_else_has_a_portfolio(office, who):
    for asked in (portfolio(office, who), review(office, who), reviewed(office, who)):
        with pytest.raises(Refusal) as refusal:
            await asked
        assert str(refusal.value) == NOT_FOR_YOU
    assert await office.reviews.last("CONTOSO") is None


@pytest.mark.parametrize("code", ["FABRIKAM", "NOBODY", "", "CONTOSO;FABRIKAM", "%"])
async def test_a_strangers_partner_and_an_unknown_one_are_the_same_refusal(office, code):
    for asked in (review(office, LEE, code), reviewed(office, LEE, code)):
        with pytest.raises(Refusal) as refusal:
            await asked
        assert str(refusal.value) == NOT_YOUR_PARTNER
    assert await office.reviews.last("FABRIKAM") is None


async def test_a_code_is_understood_in_any_case(office):
    assert (await review(office, code=" contoso ")).standing.partner.code == "CONTOSO"
    await reviewed(office, code="contoso")
    assert (await office.reviews.last("CONTOSO")).by == LEE


@pytest.mark.parametrize(
    ("months", "now", "before"),
    [
        (1, {"requests": 1, "returned": 1}, {}),
        (3, {"requests": 3, "returned": 1, "denied": 1, "approved": 1}, {}),
        (12, {"requests": 3, "returned": 1, "denied": 1, "approved": 1}, {}),
    ],
)
async def test_a_review_sets_a_period_beside_the_one_before(office, months, now, before):
    await booked(office)
    found = await review(office, months=months)
    names = ("requests", "returned", "denied", "approved")
    assert (only(found.standing.counts, *names), only(found.before, *names)) == (now, before)
    assert (found.months, found.now, found.standing.open) == (months, office.now, 2)


@pytest.mark.parametrize(
    ("now", "months", "before"),
    [("2026-10-15", 1, 2), ("2026-12-15", 3, 2), ("2026-12-31", 1, 1), ("2027-03-01", 3, 1), ("2027-10-01", 12, 2)],
)
async def test_the_period_before_ends_where_the_period_begins(office, now, months, before):
    await booked(office)
    office.now = at(f"{now}T10:00")
    assert (await review(office, months=months)).before.get("requests", 0) == before


async def test_before_the_first_review_everything_since_the_period_began_is_new(office):
    number = await office.submitted()
    await settle(office, number)
    found = await review(office)
    assert (found.last, found.reviewed_by, found.may_review) == (None, "", True)
    assert found.since.at == at("2026-09-01T00:00")
    assert (found.since.submitted, [each.number for each in found.since.latest]) == (1, [number])
    assert [each.number for each in found.standing.waiting] == [number]


async def test_a_review_tells_what_changed_since_the_last_one(office):
    old = [await office.submitted(f"{n:032x}", **tenant(n)) for n in range(4)]
    done = await completed(office, token="dd" * 16, **tenant(9))
    await settle(office, *old, done)
    office.now += HOURS
    await reviewed(office)
    nothing = await review(office)
    assert (nothing.last.by, nothing.last.at, nothing.reviewed_by) == (LEE, office.now, "Lee Park")
    assert nothing.since.at == office.now
    assert nothing.since.latest == ()
    assert (nothing.since.submitted, nothing.since.approved, nothing.since.denied, nothing.since.closed) == (0, 0, 0, 0)

    office.now += DAYS
    new = await office.submitted("ee" * 16, **tenant(10))
    help_offered = await proposed(office, token="ef" * 16)
    await office.press(LEE, "deny", old[0], deny_reason="out_of_scope")
    office.now += HOURS
    await office.press(LEE, "approve", old[1])
    await office.press(DANA, "withdraw", old[2])
    office.now += HOURS
    await office.press(LEE, "close", done)
    second = await completed(office, token="ff" * 16, **tenant(11))
    await settle(office, *old, done, new, help_offered, second)
    since = (await review(office)).since
    assert (since.submitted, since.approved, since.denied, since.completed, since.closed) == (2, 2, 1, 1, 1)
    assert len(since.latest) == 5
    assert {each.number for each in since.latest[:2]} == {done, second}
    moments = [each.at for each in since.latest]
    assert moments == sorted(moments, reverse=True)
    assert old[3] not in {each.number for each in since.latest}


async def test_what_was_submitted_before_the_year_began_is_not_gone_through(office):
    number = await office.submitted()
    await enter(office, number)
    office.now += 400 * DAYS
    await reviewed(office)
    office.now += HOURS
    await office.press(LEE, "deny", number, deny_reason="duplicate")
    await enter(office, number)
    assert (await review(office)).since.denied == 0


async def test_pressed_twice_it_is_one_review(office):
    await reviewed(office)
    first = await office.reviews.last("CONTOSO")
    office.now += REPEATED_WITHIN
    await reviewed(office)
    assert await office.reviews.last("CONTOSO") == first
    office.now += SECOND
    await reviewed(office)
    assert (await office.reviews.last("CONTOSO")).at == office.now


async def test_the_review_of_another_fpm_is_a_review_of_its_own(office):
    await reviewed(office)
    office.now += SECOND
    await reviewed(office, MIKA)
    found = await review(office)
    assert (found.last.by, found.reviewed_by, found.last.at) == (MIKA, "Mika Tanaka", MONDAY + SECOND)


async def test_the_programme_team_looks_but_does_not_review(office):
    number = await office.submitted()
    await settle(office, number)
    found = await review(office, SAMIRA)
    assert (found.may_review, found.standing.open, found.standing.waiting) == (False, 1, ())
    with pytest.raises(Refusal) as refusal:
        await reviewed(office, SAMIRA)
    assert str(refusal.value) == "Only the partner's FPM reviews a partner."
    assert await office.reviews.last("CONTOSO") is None


async def test_a_reviewer_who_is_gone_has_no_name(office):
    await reviewed(office)
    await office.people.remove(await office.person(LEE))
    found = await review(office, MIKA)
    assert (found.last.by, found.reviewed_by) == (LEE, "")


async def test_what_a_backup_was_asked_for_waits_for_the_backup_too(office):
    number = await office.submitted()
    await settle(office, number)
    assert [row.waiting for row in (await portfolio(office, MIKA)).rows] == [(), (), ()]
    office.now += 3 * DAYS
    await Timekeeper(office.desk.filing, office.clock).look(number)
    await settle(office, number)
    waiting = {row.partner.code: [each.number for each in row.waiting] for row in (await portfolio(office, MIKA)).rows}
    assert waiting == {"CONTOSO": [number], "FABRIKAM": [], "NORTHWIND": []}
    assert [each.number for each in (await review(office, MIKA)).standing.waiting] == [number]


async def test_a_review_names_no_request_that_its_reader_could_not_open(office):
    number = await office.submitted()
    await settle(office, number)
    for who, named in ((LEE, [number]), (SAMIRA, [number]), (MIKA, [])):
        found = (await review(office, who)).since
        assert (found.submitted, [each.number for each in found.latest]) == (1, named)
    await office.press(LEE, "delegate", number, delegate_to=RENEE)
    await settle(office, number)
    assert (await review(office)).since.latest == ()


async def test_a_cover_reviews_while_it_lasts(office):
    await office.people.add_cover(Cover(LEE, RENEE, office.now, office.now + DAYS))
    await reviewed(office, RENEE)
    assert (await review(office, RENEE)).reviewed_by == "Renee Carter"
    office.now += DAYS
    with pytest.raises(Refusal):
        await review(office, RENEE)


async def test_a_review_shows_who_learned_last(office):
    for n in range(4):
        await completed(office, token=f"{n:032x}", learners=f"Learner {n}", **tenant(n))
        office.now += HOURS
    assert [each.learners for each in (await review(office)).lessons] == [
        ("Learner 3",), ("Learner 2",), ("Learner 1",),
    ]  # fmt: skip


async def test_a_denial_that_was_taken_back_is_no_denial_since(office):
    number = await office.submitted()
    await reviewed(office)
    office.now += HOURS
    await office.press(LEE, "deny", number, deny_reason="duplicate")
    await enter(office, number)
    assert (await review(office)).since.denied == 1
    await office.press(LEE, "reopen", number, reopen_reason="New facts.")
    await enter(office, number)
    found = (await review(office)).since
    assert (found.denied, [each.status for each in found.latest]) == (0, [Status.SUBMITTED])


def test_the_periods_are_a_month_a_quarter_and_a_year():
    assert PERIODS == (1, 3, 12)

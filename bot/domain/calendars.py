"""Promises counted by the calendars of those who hold them."""

from bot.domain.people import Person
from bot.domain.ports import Calendars, Case, People
from bot.domain.promises import Promise, promises_of
from bot.domain.working_time import Calendar


def calendar_of(calendars: Calendars, person: Person | None) -> Calendar:
    """Return a person's calendar; of somebody who is not in the directory the days of UTC."""
    return calendars.calendar(person.time_zone, person.holidays) if person else calendars.calendar("UTC", "")


async def promises_now(case: Case, people: People, calendars: Calendars) -> tuple[Promise, ...]:
    """Return the promises of a request as it stands."""
    request = case.request
    fpm = await people.by_email(request.fpm)
    sme = await people.by_email(request.sme) if request.sme else None
    return promises_of(request, case.engagement, calendar_of(calendars, fpm), calendar_of(calendars, sme))

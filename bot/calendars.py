"""Working calendars from IANA time zones and the public holidays of a country."""

from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.domain.promises import Calendar

_YEARS_KNOWN = range(2018, 2041)


@lru_cache(maxsize=256)
def _holidays(country: str) -> frozenset[date]:
    import holidays  # noqa: PLC0415 - loads slowly, and only people with a holiday country need it

    return frozenset(holidays.country_holidays(country, years=_YEARS_KNOWN)) if country else frozenset()


class HolidayCalendars:
    """Calendars for the time zone and ISO holiday country of a person; '' is no country."""

    def calendar(self, time_zone: str, holidays: str) -> Calendar:
        return Calendar(ZoneInfo(time_zone), _holidays(holidays))

"""Working calendars from IANA time zones and the public holidays of a country."""

import warnings
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.domain.working_time import Calendar

_YEARS_KNOWN = range(2019, 2036)


@lru_cache(maxsize=256)
def _holidays(country: str) -> frozenset[date]:
    if not country:
        return frozenset()
    import holidays  # noqa: PLC0415 - loads slowly, and only people with a holiday country need it

    with warnings.catch_warnings():
        # Some countries announce their holidays late; the years beyond are then without, and the package says so.
        warnings.simplefilter("ignore")
        return frozenset(holidays.country_holidays(country, years=_YEARS_KNOWN))


class HolidayCalendars:
    """Calendars for the time zone and ISO holiday country of a person; '' is no country."""

    def calendar(self, time_zone: str, holidays: str) -> Calendar:
        return Calendar(ZoneInfo(time_zone), _holidays(holidays))

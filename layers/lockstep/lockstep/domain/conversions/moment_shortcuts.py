"""The cell of an ISO date and time without an offset: all but its hour stands in it already, and hours repeat."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from lockstep.domain.conversions.instants import SteadyDays

Answer = TypeVar("Answer")

_LOCAL = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d)(:[0-5]\d:[0-5]\d)", re.ASCII)
_HOUR = timedelta(hours=1)
_REMEMBERED_DAYS = 1024  # some 2 MB for each column


def moment_shortcut(zone: str, settle: Callable[[str], Answer]) -> Callable[[str], Answer | str]:
    """Return a function that answers times of the zone whose hour in UTC is beyond doubt."""
    fits, hours_of = _LOCAL.fullmatch, _Days(ZoneInfo(zone))

    def read(text: str) -> Answer | str:
        match = fits(text)
        if match is None:
            return settle(text)
        day, hour, rest = match.groups()
        in_utc = hours_of[day].get(hour)
        return f"{in_utc}{rest}.000Z" if in_utc else settle(text)

    return read


class _Days(dict[str, Mapping[str, str]]):
    """The hours of each day as they are in UTC; none of a day on which the zone's clocks are changed."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._steady = SteadyDays(zone)

    def __missing__(self, day: str) -> Mapping[str, str]:
        if len(self) == _REMEMBERED_DAYS:
            return {}
        self[day] = self._hours(day)
        return self[day]

    def _hours(self, text: str) -> Mapping[str, str]:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return {}
        offset = self._steady[day]
        if offset is None or offset % _HOUR:
            return {}
        midnight = datetime.combine(day, time()) - offset
        return {f"{hour:02}": (midnight + hour * _HOUR).isoformat()[: len("2025-05-06T14")] for hour in range(24)}

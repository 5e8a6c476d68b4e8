"""Documents of a working calendar: `calendar.yaml`, what was decided, and `days_by_law.yaml`, what the law says."""

from datetime import date, datetime, time
from itertools import pairwise

import msgspec

from cchc_shared.contract.provenance import Provenance, Text, Versioned


class OfficeHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The periods of one working day as ("08:00", "12:00") pairs of local times, in order."""

    hours: tuple[tuple[str, str], ...]
    source: str
    status: Provenance

    def periods(self) -> tuple[tuple[int, int], ...]:
        """Opening and closing of each period, in microseconds since local midnight."""
        periods = tuple((of_day(time.fromisoformat(a)), of_day(time.fromisoformat(b))) for a, b in self.hours)
        edges = [edge for period in periods for edge in period]
        if not edges or any(a >= b for a, b in pairwise(edges)):
            raise ValueError(f"office hours must be periods in ascending order: {self.hours}")
        return periods


class Year(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days off and make-up working days of one year, with where they were read.

    `unsure` are days of which it is not known whether they are worked: they count as their list says, provisionally.
    """

    status: Provenance
    source: str
    days_off: tuple[date, ...]
    make_up_workdays: tuple[date, ...] = ()
    unsure: tuple[date, ...] = ()


class CalendarDocument(Versioned, frozen=True):
    """The versioned document `calendar.yaml` of a city: the years of which the days off were decided."""

    timezone: str
    weekend: tuple[str, ...]
    office_hours: OfficeHours
    years: dict[int, Year]

    def __post_init__(self) -> None:
        for number, year in self.years.items():
            strays = [day for day in (*year.days_off, *year.make_up_workdays, *year.unsure) if day.year != number]
            if strays:
                raise ValueError(f"years.{number} has days of other years: {', '.join(map(str, strays))}")


class Holiday(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A holiday of every year: its day ("MM-DD", solar or lunar) and how many days off are before and after it."""

    id: str
    name: Text
    day: str
    effective_from: date
    source: str
    status: Provenance
    effective_until: date | None = None
    lunar: bool = False
    before: int = 0
    after: int = 0


class DaysByLaw(Versioned, frozen=True):
    """The versioned document `days_by_law.yaml` of a country; it says nothing about days before `effective_from`."""

    holidays: tuple[Holiday, ...]


def of_day(at: datetime | time) -> int:
    """Microseconds since local midnight."""
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond

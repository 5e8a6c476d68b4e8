"""A number that was entered for an indicator of a unit in a period."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from scoring_worker.index_sets.reading import NOT_APPLICABLE, Reading


class Entered(NamedTuple):
    """`numerator` of `denominator`, or `value`; or that the indicator does not apply to the unit.

    Nothing of it all says that what was entered before holds no more.
    """

    unit: str
    period: str
    indicator: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    value: Decimal | None = None
    applicable: bool = True
    evidence: str | None = None

    @property
    def reading(self) -> Reading:
        if not self.applicable:
            return NOT_APPLICABLE
        if self.numerator is not None:
            return Reading(self.numerator, self.denominator)
        return Reading(self.value)

    @property
    def says(self) -> bool:
        """Whether it says anything: an empty one takes back what was said before."""
        return self.reading.is_known or not self.applicable

    @property
    def key(self) -> tuple[str, str, str]:
        return self.unit, self.period, self.indicator

    @property
    def said(self) -> tuple[Decimal | bool | str | None, ...]:
        """What would have to differ for a new version."""
        return self[3:]


class Version(NamedTuple):
    """One version of a number, with who gave it and when."""

    entered: Entered
    version: int
    given_by: str
    recorded_at: datetime
    superseded_at: datetime | None

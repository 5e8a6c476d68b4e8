"""The limits of the city's rules: how long acceptance and answer may take."""

from typing import Literal

from feedback_api.rulebook import Part, Rule, check_complete


class Limit(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A limit of time in working hours, working days or calendar days, and the moment from which it counts."""

    counts_from: Literal["received", "accepted", "last_transfer"]
    working_hours: float | None = None
    working_days: int | None = None
    calendar_days: int | None = None

    def __post_init__(self) -> None:
        limits = self.working_hours, self.working_days, self.calendar_days
        given = [limit for limit in limits if limit is not None]
        if len(given) != 1 or given[0] <= 0:
            raise ValueError(f"{self.id}: give one of working_hours, working_days, calendar_days, more than nothing")


class DeadlineRules(Part, frozen=True, kw_only=True):
    """Limits of acceptance and of resolution. Loading checks that no report falls between their entries."""

    acceptance: tuple[Limit, ...]
    resolution: tuple[Limit, ...]

    def __post_init__(self) -> None:
        for limits in (self.acceptance, self.resolution):
            check_complete(limits, self.effective_from)
        if any(limit.counts_from != "received" for limit in self.acceptance):
            raise ValueError("acceptance counts from receipt")

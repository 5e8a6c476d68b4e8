"""The routing rules of the city: the unit that reports of a kind go to, and the desk that has what no rule took."""

from collections import Counter
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.wording import unmarked
from feedback_api.rulebook import Part, Rule, check_complete

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Phrases = Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=100)]
Codes = Annotated[frozenset[Annotated[str, Meta(max_length=100)]], Meta(max_length=1000)]


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of the title or the content: one of `any`, and each of `all`.

    Whole words, without regard to marks and capitals; a phrase is words that follow each other.
    """

    any: Phrases = ()
    all: Phrases = ()

    def __post_init__(self) -> None:
        if not (self.any or self.all) or not all(map(unmarked, (*self.any, *self.all))):
            raise ValueError("words: give any or all, each with a letter or a digit")


class OfPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The unit that holds the place of the report, by code or by kind. A place that no unit holds is of none."""

    units: Codes = frozenset()
    kinds: frozenset[UnitKind] = frozenset()

    def __post_init__(self) -> None:
        if not (self.units or self.kinds):
            raise ValueError("place: give units or kinds")


class Time(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the report was received, in local time. `office`: on a working day in office hours."""

    weekdays: frozenset[Weekday] = frozenset()
    hours: Literal["office", "outside"] | None = None

    def __post_init__(self) -> None:
        if not self.weekdays and self.hours is None:
            raise ValueError("time: give weekdays or hours")


class Route(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where such reports go when their sender named no unit: to a unit, to the commune of the place, or to the desk.

    Every condition that is given must hold.
    """

    categories: Codes | None = None
    words: Words | None = None
    place: OfPlace | None = None
    time: Time | None = None
    unit: Annotated[str, Meta(max_length=100)] | None = None
    to: Literal["commune_of_place", "queue"] | None = None
    why: Text

    def __post_init__(self) -> None:
        if (self.unit is None) == (self.to is None):
            raise ValueError(f"{self.id}: give either unit or to")


class Desk(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The unit whose desk has reports of a kind that no rule took."""

    unit: str
    why: Text


class RoutingRules(Part, frozen=True, kw_only=True):
    """All routes and desks. Loading checks that no report falls between the desks, and that no id stands for two."""

    routing: Annotated[tuple[Route, ...], Meta(max_length=500)]
    desks: tuple[Desk, ...]

    def __post_init__(self) -> None:
        check_complete(self.desks, self.effective_from)
        ids = Counter(rule.id for rule in (*self.routing, *self.desks))
        if twice := [name for name, times in ids.items() if times > 1]:
            raise ValueError(f"two rules have one id: {', '.join(twice)}")

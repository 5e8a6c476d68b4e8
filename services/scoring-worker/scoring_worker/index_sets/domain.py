"""An index set: fields → criteria → sub-criteria, and what they are scored from. All of it is data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Provenance
from scoring_worker.index_sets.bands import Band, Gate
from scoring_worker.index_sets.indicators import Indicator
from scoring_worker.index_sets.rules import Rule
from scoring_worker.index_sets.texts import STRICT, Code, Figure, Text, Words
from scoring_worker.index_sets.wrong import Wrong

Ties = Literal["1-2-2-4", "1-2-2-3"]
"""Equal scores share a rank. The next rank is counted on in one of two ways.

`1-2-2-4` is standard competition ranking: the next rank leaves out as many ranks as were shared.
`1-2-2-3` is dense ranking: the next rank leaves out none.
"""
Missing = Literal["exclude", "zero"]
"""What a criterion without data does: takes its points out of the maximum, or counts as zero points."""
Nothing = Literal["missing", "zero", "full"]
"""What a share of nothing gives: the criterion is missing, it has no points, or all of them."""
Elsewhere = Literal["shrink", "scale", "share", "full"]
"""What becomes of the points of a criterion that does not apply to a unit.

`shrink`: they are taken out of the whole. `scale`: the other criteria of its group are scaled up to the group's points.
`share`: they are divided equally among the other criteria of its group. `full`: the unit has them.
"""
Adds = Literal["points", "bonus", "penalty"]
"""What a field is to the whole: part of its maximum, or points above it, or points that are taken away."""
On = Literal["percent", "total"]
"""What bands are bounds of."""
PLACES_MAX: Final = 6


@dataclass(frozen=True, slots=True)
class Places:
    """Decimal places of each level; halves are rounded up. One number stands for all four."""

    __pydantic_config__: ClassVar = STRICT

    criteria: int
    fields: int
    total: int
    percent: int

    def __post_init__(self) -> None:
        if not all(0 <= places <= PLACES_MAX for places in (self.criteria, self.fields, self.total, self.percent)):
            raise Wrong(f"phải từ 0 đến {PLACES_MAX}", f"must be between 0 and {PLACES_MAX}")


def _alike(places: Any) -> Any:
    return dict.fromkeys(("criteria", "fields", "total", "percent"), places) if isinstance(places, int) else places


@dataclass(frozen=True, slots=True)
class Criterion:
    """Scored by a rule from one indicator or several, or the sum of its sub-criteria; not both."""

    __pydantic_config__: ClassVar = STRICT

    code: Code
    name: Text
    max: Figure | None = None
    indicator: Code | None = None
    inputs: dict[Code, Code] = field(default_factory=dict)
    """Indicators by the names that the rule calls them; in place of `indicator`."""
    rule: Rule | None = field(default=None)
    direction: Literal["up", "down"] = "up"
    """`down` for a share of what should not be: the rule is given the rest of it."""
    missing: Missing | None = None
    """In place of the set's own rule; so are the next two."""
    zero_denominator: Nothing | None = None
    not_applicable: Elsewhere | None = None
    kinds: tuple[UnitKind, ...] = ()
    """Kinds of unit it applies to; none named: to all."""
    part: Code | None = None
    """In place of its field's."""
    source: Words | None = None
    status: Provenance | None = None
    criteria: tuple["Criterion", ...] = ()

    def __post_init__(self) -> None:
        named = self.indicator is not None, bool(self.inputs)
        if self.criteria and (any(named) or any(part is not None for part in (self.max, self.rule, self.missing))):
            raise Wrong(
                "tiêu chí có tiêu chí thành phần không có `max`, `indicator`, `rule`, `missing` riêng",
                "a criterion with sub-criteria has no max, indicator, rule or missing of its own",
            )
        if not self.criteria and (self.max is None or self.rule is None or not any(named)):
            raise Wrong(
                "tiêu chí không có tiêu chí thành phần cần `max`, `indicator` và `rule`",
                "a criterion without sub-criteria needs max, indicator and rule",
            )
        if all(named):
            raise Wrong("phải có đúng một trong hai: `indicator`, `inputs`", "either indicator or inputs must be given")
        if self.max is not None and self.max < 0:
            raise Wrong("`max` không được âm", "max must be 0 or more")

    @property
    def named(self) -> Mapping[str, str]:
        """Its indicators by the names that the rule calls them."""
        return self.inputs or ({} if self.indicator is None else {self.indicator: self.indicator})

    def all(self) -> Iterator["Criterion"]:
        """Itself and its sub-criteria."""
        yield self
        for child in self.criteria:
            yield from child.all()

    def leaves(self) -> Iterator["Criterion"]:
        """Those of them that are scored by a rule."""
        return (criterion for criterion in self.all() if not criterion.criteria)


@dataclass(frozen=True, slots=True)
class Field:
    """A field (lĩnh vực) of the index. A bonus or penalty has a `cap`, and adds nothing to the maximum."""

    __pydantic_config__: ClassVar = STRICT

    code: Code
    name: Text
    criteria: tuple[Criterion, ...]
    adds: Adds = "points"
    cap: Figure | None = None
    part: Code | None = None

    def __post_init__(self) -> None:
        if (self.adds == "points") != (self.cap is None):
            raise Wrong(
                "điểm thưởng, điểm phạt cần mức trần `cap`; lĩnh vực khác thì không có",
                "a bonus or penalty needs a cap, and nothing else has one",
            )
        if self.cap is not None and self.cap <= 0:
            raise Wrong("`cap` phải lớn hơn 0", "cap must be above 0")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the whole that is scored in a way of its own, as appraisal (70) and survey (30).

    `points_of` is for kinds of unit that have another number of points.
    """

    __pydantic_config__: ClassVar = STRICT

    code: Code
    name: Text
    points: Figure
    points_of: dict[UnitKind, Figure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exemption:
    """Criteria or fields that do not apply to some units, or in some periods (all, where none are named)."""

    __pydantic_config__: ClassVar = STRICT

    criteria: tuple[Code, ...]
    reason: Text
    units: tuple[Code, ...] = ()
    kinds: tuple[UnitKind, ...] = ()
    periods: tuple[Code, ...] = ()
    """`2025-H1`, or `2025` for all periods of the year."""
    not_applicable: Elsewhere | None = None
    source: Words | None = None
    status: Provenance | None = None

    def __post_init__(self) -> None:
        if not self.criteria:
            raise Wrong("phải nêu các tiêu chí", "criteria must be named")
        if not self.units and not self.kinds and not self.periods:
            raise Wrong("phải nêu đơn vị, loại đơn vị hoặc kỳ", "units, kinds or periods must be named")

    def holds(self, unit: str, kind: UnitKind | None, period: str) -> bool:
        """Whether it is about this unit in this period."""
        return (
            (not self.units or unit in self.units)
            and (not self.kinds or kind in self.kinds)
            and (not self.periods or any(period == one or period.startswith(f"{one}-") for one in self.periods))
        )


@dataclass(frozen=True, slots=True)
class IndexSet:
    """One version of an index set. `template`: its weights are nobody's decision, and `notice` says so to readers."""

    __pydantic_config__: ClassVar = STRICT

    code: Code
    version: Code
    title: Text
    source: Words
    status: Provenance
    effective_from: date
    places: Annotated[Places, BeforeValidator(_alike)]
    ranking: Ties
    missing: Missing
    kinds: tuple[UnitKind, ...]
    bands: tuple[Band, ...]
    indicators: dict[Code, Indicator]
    fields: tuple[Field, ...]
    effective_to: date | None = None
    """The last day for which it is the set; it scores no period that begins later."""
    template: bool = False
    notice: Text | None = None
    points: Figure | None = None
    """The sum that the points of each kind of unit must come to, where no part says another."""
    parts: tuple[Part, ...] = ()
    zero_denominator: Nothing = "missing"
    not_applicable: Elsewhere = "shrink"
    exemptions: tuple[Exemption, ...] = ()
    gates: dict[Code, Gate] = field(default_factory=dict)
    bands_of: On = "percent"
    rank_from_coverage: Figure = Decimal(0)
    """Below this share of the points that apply, a score has no rank and no band: too little is known."""
    remarks: tuple[Text, ...] = ()
    """What readers should know of the document it was made from, such as contradictions in it."""

    def leaves(self) -> Iterator[Criterion]:
        """Every criterion that is scored by a rule."""
        return self.leaves_of(None)

    def leaves_of(self, field: str | None) -> Iterator[Criterion]:
        """Those of a field; None: of all."""
        for part in self.fields:
            if field in (None, part.code):
                for criterion in part.criteria:
                    yield from criterion.leaves()

    def exempts(self, unit: str, kind: UnitKind | None, period: str) -> Mapping[str, Elsewhere | None]:
        """Criteria and fields that do not apply to a unit in a period by an exemption, with what it does instead."""
        return {
            code: exemption.not_applicable
            for exemption in self.exemptions
            if exemption.holds(unit, kind, period)
            for code in exemption.criteria
        }

    def reason(self, code: str, unit: str, kind: UnitKind | None, period: str) -> Text:
        """Why a criterion or field does not apply to a unit in a period; there is an exemption for it."""
        return [each.reason for each in self.exemptions if code in each.criteria and each.holds(unit, kind, period)][-1]

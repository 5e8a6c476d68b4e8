"""Index sets that are sound, with every kind of rule in every frame, and units with all that may be known of them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.document import load_content
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.index_sets.indicators import Component
from scoring_worker.index_sets.leaf import Subject
from scoring_worker.index_sets.reading import NOT_APPLICABLE, UNKNOWN, Exact, Reading
from scoring_worker.index_sets.rules import RULES

KINDS: Final = (UnitKind.DEPARTMENT, UnitKind.COMMUNE)
UNITS: Final = ("A", "B", "C")
PERIOD: Final = "2026-H1"
NAME: Final = {"vi": "Tên", "en": "Name"}
ON_TIME: Final = [{"measure": "task.completion", "states": ["on_time"]}]
DUE: Final = [{"measure": "task.completion", "states": ["on_time", "late", "overdue"]}]
INDICATORS: Final[dict[str, dict[str, Any]]] = {
    "share": {"source": "imported", "of": "share"},
    "answered": {"source": "survey", "of": "share"},
    "amount": {"source": "declared", "of": "amount"},
    "counted": {"numerator": ON_TIME, "denominator": DUE},
    "published": {"numerator": ON_TIME, "denominator": DUE, "or_entered": True},
    "number": {"numerator": [{"measure": "task.handover", "states": ["happened"]}]},
    "elsewhere": {"source": "set", "set": "OTHER"},
}
SHARES: Final = ("share", "answered", "counted", "published", "elsewhere")
AMOUNTS: Final = ("amount", "number")
READ: Final = {"share": SHARES, "amount": AMOUNTS, "any": SHARES + AMOUNTS, "several": SHARES + AMOUNTS}
"""What rules work on, by what they need."""

# Sevenths of points and bounds with nine places make denominators that no place of a decimal ends.
maxima = st.sampled_from(["0", "1", "2.5", "4.00", "7", "33.333", "999999999", "0.000000001"])
bounds = st.sampled_from(["0", "0.5", "0.8", "1", "3", "0.333333333", "12345.6"])
shares = st.sampled_from(["0", "0.25", "0.5", "0.777", "1"])
thresholds = st.sampled_from(["0.5", "0.8", "0.333333333", "1"])
eaches = st.sampled_from(["0.5", "0.3", "2", "0.000000007"])
steps = st.dictionaries(st.tuples(bounds, st.sampled_from(["at_least", "above"])), shares, min_size=1, max_size=4).map(
    lambda drawn: [{"share": share, side: bound} for (bound, side), share in drawn.items()]
)
RULE: Final[dict[str, st.SearchStrategy[dict[str, Any]]]] = {
    "linear": st.just({}),
    "linear_threshold": st.fixed_dictionaries({"threshold": thresholds}),
    "threshold_proportional": st.fixed_dictionaries({"threshold": thresholds}),
    "binary": st.tuples(st.sampled_from(["at_least", "at_most"]), bounds).map(lambda drawn: dict([drawn])),
    "count": st.fixed_dictionaries({"each": eaches}),
    "deduction": st.fixed_dictionaries({"each": eaches}),
    "ladder": st.fixed_dictionaries({"steps": steps}),
    "given": st.just({}),
    "answers": st.just({"shares": {"a": "1", "b": "0.6"}}),
    "expression": st.sampled_from(["a.value * max", "least(max, a.n / 3)", "b.n > 1 ? max : 1 / b.n"]).map(
        lambda cel: {"cel": cel}
    ),
}
assert RULE.keys() == RULES.keys()
elsewhere = st.sampled_from(["shrink", "scale", "share", "full"])
optional = {
    "missing": st.sampled_from(["exclude", "zero"]),
    "zero_denominator": st.sampled_from(["missing", "zero", "full"]),
    "not_applicable": elsewhere,
    "kinds": st.just([KINDS[0].value]),
}


@st.composite
def _leaf(draw: st.DrawFn, code: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(RULE)))
    needs = RULES[kind].needs
    codes = st.sampled_from(READ[needs])
    named = {"a": draw(codes), "b": draw(codes)} if needs == "several" else {"indicator": draw(codes)}
    is_share = all(each in SHARES for each in named.values())
    return {
        "code": code,
        "name": NAME,
        "max": draw(maxima),
        "rule": {"kind": kind, **draw(RULE[kind])},
        "direction": draw(st.sampled_from(["up", "down"])) if is_share else "up",
        **({"inputs": named} if needs == "several" else named),
        **draw(st.fixed_dictionaries({}, optional=optional)),
    }


@st.composite
def _criterion(draw: st.DrawFn, code: str) -> dict[str, Any]:
    if draw(st.integers(0, 3)):
        return draw(_leaf(code))
    below = [draw(_leaf(f"{code}.{number}")) for number in range(draw(st.integers(1, 3)))]
    return {"code": code, "name": NAME, "criteria": below, "not_applicable": draw(elsewhere)}


@st.composite
def _field(draw: st.DrawFn, code: str) -> dict[str, Any]:
    criteria = [draw(_criterion(f"{code}.{number}")) for number in range(draw(st.integers(1, 4)))]
    adds = draw(st.sampled_from(["points", "points", "bonus", "penalty"]))
    cap = {} if adds == "points" else {"cap": draw(st.sampled_from(["2", "3.5000", "1000000"]))}
    return {"code": code, "name": NAME, "criteria": criteria, "adds": adds, **cap}


@st.composite
def index_sets(draw: st.DrawFn) -> IndexSet:
    """Points need not add up to anything."""
    fields = [draw(_field(f"F{number}")) for number in range(draw(st.integers(1, 3)))]
    codes = [each["code"] for part in fields for each in (part, *part["criteria"])]
    exempt = {"criteria": [draw(st.sampled_from(codes))], "reason": NAME, "not_applicable": draw(elsewhere)}
    content = {
        "code": "DRAWN",
        "version": "1",
        "title": NAME,
        "source": "invented for a test",
        "status": "R",
        "effective_from": "2020-01-01",
        "places": {level: draw(st.integers(0, 6)) for level in ("criteria", "fields", "total", "percent")},
        "ranking": "1-2-2-4",
        "kinds": [kind.value for kind in KINDS],
        "bands": [],
        "fields": fields,
        "indicators": {code: {"name": NAME, **each} for code, each in INDICATORS.items()},
        "exemptions": draw(st.sampled_from([[], [{**exempt, "units": [UNITS[0]]}], [{**exempt, "periods": ["2026"]}]])),
        **{name: draw(optional[name]) for name in ("missing", "zero_denominator", "not_applicable")},
    }
    return load_content(content).index_set


numbers: st.SearchStrategy[Exact] = st.one_of(
    st.integers(0, 40),
    st.integers(0, 4000).map(lambda hundredths: Decimal(hundredths) / 100),
    st.sampled_from([Decimal("7.000000"), Decimal("0.0000001"), Fraction(1, 3), Fraction(5, 4), Fraction(12)]),
    st.sampled_from([10**6, 2**31, 2**40 + 1, 2**62 - 1, 2**62, 2**63, Decimal("12345678901234567890.5"), 10**30]),
)
parts: st.SearchStrategy[Exact] = st.integers(0, 10**6).map(lambda grains: Decimal(grains) / 10**6) | st.sampled_from(
    [0, 1, Fraction(1, 3), Decimal("1.5")]
)
amounts = numbers.map(Reading)
rates = (
    st.tuples(numbers, numbers).map(lambda pair: Reading(min(pair), max(pair)))
    | st.sampled_from([Reading(0, 0), Reading(Decimal(0), Decimal("0.0")), Reading(3, 2), Reading(1, 0)])
    | parts.map(Reading)
)
nothing = st.sampled_from([UNKNOWN, NOT_APPLICABLE])
times = st.integers(0, 30) | st.sampled_from([0, 10**9, 2**60])


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    """A unit; the set that is drawn may not apply to its kind."""
    values = {code: draw(nothing | rates) for code in ("share", "answered", "published") if draw(st.booleans())}
    if draw(st.booleans()):
        values["amount"] = draw(nothing | amounts)
    counts = {
        "task.completion": {state: draw(times) for state in ("on_time", "late", "overdue")},
        "task.handover": {"happened": draw(times)},
    }
    given = {code: Decimal("1.2345678") for code in ("F0.0", "F1.0") if draw(st.integers(0, 4)) == 0}
    return Subject(
        draw(st.sampled_from([{}, counts])),
        draw(st.sampled_from([*KINDS, UnitKind.SECTION, None])),
        values,
        draw(st.sampled_from(UNITS)),
        PERIOD,
        given,
        {Component("OTHER", None): draw(rates)} if draw(st.booleans()) else {},
    )

"""Documents of every shape that an index set may have. Points need not add up: that is checked elsewhere."""

import string
from typing import Any

from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from scoring_worker.facts.domain import FactState
from scoring_worker.index_sets.rules import RULES
from scoring_worker.sources import MEASURES

Drawn = st.SearchStrategy[Any]
LETTERS = string.ascii_letters + string.digits + "ĂÂĐÊÔƠƯàẻộữ _.-"
codes = st.text(LETTERS, min_size=1, max_size=12).map(str.strip).filter(bool) | st.sampled_from(["1.10", "01", "1/2"])
names = st.text(string.ascii_lowercase, min_size=1, max_size=4)
words = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn"]), min_size=1, max_size=30)
    | st.text(LETTERS + "=+@'\"\n;,", min_size=1, max_size=30)
    | st.sampled_from(["=1+1", "0012", "https://a.vn", "10,5", "TRUE", "Sở; ban\nngành", "_x0041_"])
).filter(lambda text: bool(text.strip()))
texts = st.fixed_dictionaries({"vi": words, "en": words})
figures = (
    st.integers(0, 10**9 - 1)
    | st.decimals(0, 1000, places=3).map(lambda number: f"{number:f}")
    | st.sampled_from(["123456789.123456789", "1.5", "0.000000001"])
)
shares = st.decimals(0, 1, places=3).map(lambda number: f"{number:f}")
above = st.decimals("0.01", 1, places=2).map(lambda number: f"{number:f}")
kinds = st.lists(st.sampled_from([kind.value for kind in UnitKind]), max_size=3, unique=True)
status = st.sampled_from("VNSR")
elsewhere = st.sampled_from(["shrink", "scale", "share", "full"])
missing = st.sampled_from(["exclude", "zero"])
nothing = st.sampled_from(["missing", "zero", "full"])


def some(of: dict[str, Drawn], **optional: Drawn) -> Drawn:
    """A mapping that has all of these, and any of the others."""
    return st.fixed_dictionaries(of, optional=optional)


bounds = st.one_of(some({"at_least": figures}), some({"above": figures}))
steps = st.lists(
    st.tuples(shares, bounds), min_size=1, max_size=3, unique_by=lambda drawn: float(next(iter(drawn[1].values())))
).map(lambda drawn: [{"share": share, **bound} for share, bound in drawn])
RULE: dict[str, Drawn] = {
    "linear": some({}),
    "linear_threshold": some({"threshold": above}),
    "threshold_proportional": some({"threshold": above}),
    "binary": st.one_of(some({"at_least": figures}), some({"at_most": figures})),
    "count": some({"each": above}),
    "ladder": some({"steps": steps}),
    "deduction": some({"each": above}),
    "answers": some({"shares": st.dictionaries(names, shares, min_size=1, max_size=3)}),
    "given": some({}),
    "expression": some({"cel": st.sampled_from(["a.value * 2", "least(max, 2*b.n/0.8)", "a.n > 0\n? 0 : 1"])}),
}
assert RULE.keys() == RULES.keys()
rules = st.sampled_from(sorted(RULE)).flatmap(lambda kind: RULE[kind].map(lambda rule: {"kind": kind, **rule}))
reads = st.one_of(some({"indicator": codes}), some({"inputs": st.dictionaries(names, codes, min_size=1, max_size=3)}))
common = {"code": codes, "name": texts}
own = {"not_applicable": elsewhere, "kinds": kinds, "part": codes, "source": words, "status": status}
more = {**own, "direction": st.sampled_from(["up", "down"]), "missing": missing, "zero_denominator": nothing}
leaves = st.tuples(some({**common, "max": figures, "rule": rules}, **more), reads).map(lambda both: both[0] | both[1])
criteria = st.recursive(
    leaves, lambda below: some({**common, "criteria": st.lists(below, min_size=1, max_size=2)}, **own), max_leaves=3
)
inside = some({**common, "criteria": st.lists(criteria, max_size=2)}, part=codes)
outside = st.tuples(inside, st.sampled_from(["bonus", "penalty"]), above).map(
    lambda drawn: {**drawn[0], "adds": drawn[1], "cap": drawn[2]}
)
terms = st.lists(
    some(
        {
            "measure": st.sampled_from(sorted(MEASURES)),
            "states": st.lists(st.sampled_from([state.value for state in FactState]), min_size=1, unique=True),
        }
    ),
    max_size=2,
)
indicators = st.one_of(
    some(
        {"name": texts, "numerator": terms},
        denominator=terms,
        source=st.just("events"),
        or_entered=st.booleans(),
        definition=texts,
    ),
    some(
        {
            "name": texts,
            "source": st.sampled_from(["imported", "declared", "council", "survey"]),
            "of": st.sampled_from(["share", "amount"]),
        },
        definition=texts,
    ),
    some({"name": texts, "source": st.just("set"), "set": codes}, field=codes, definition=texts),
)
bands = st.tuples(
    some(common, requires=st.lists(codes, max_size=2), forced_by=st.lists(codes, max_size=2)), bounds
).map(lambda both: both[0] | both[1])
gates = some({"name": texts, "when": st.sampled_from(["x.n == x.d", "y.n > 0"])}, inputs=st.dictionaries(names, codes))
some_codes = st.lists(codes, min_size=1, max_size=3)
exemptions = st.tuples(
    some({"criteria": some_codes, "reason": texts}, not_applicable=elsewhere, source=words, status=status),
    st.one_of(some({"units": some_codes}), some({"kinds": kinds.filter(bool)}), some({"periods": some_codes})),
).map(lambda both: both[0] | both[1])
parts = some({**common, "points": figures}, points_of=st.dictionaries(st.sampled_from([*UnitKind]).map(str), figures))
places = st.integers(0, 6)
documents = some(
    {
        "code": codes,
        "version": codes,
        "title": texts,
        "source": words,
        "status": status,
        "effective_from": st.dates().filter(lambda day: day.year > 1900),
        "places": some(dict.fromkeys(("criteria", "fields", "total", "percent"), places)),
        "ranking": st.sampled_from(["1-2-2-4", "1-2-2-3"]),
        "missing": missing,
        "kinds": kinds.filter(bool),
        "bands": st.lists(bands, max_size=2),
        "indicators": st.dictionaries(codes, indicators, max_size=3),
        "fields": st.lists(st.one_of(inside, outside), min_size=1, max_size=2),
    },
    effective_to=st.dates().filter(lambda day: day.year > 1900),
    template=st.booleans(),
    notice=texts,
    points=figures,
    parts=st.lists(parts, max_size=2),
    zero_denominator=nothing,
    not_applicable=elsewhere,
    exemptions=st.lists(exemptions, max_size=2),
    gates=st.dictionaries(codes, gates, max_size=2),
    bands_of=st.sampled_from(["percent", "total"]),
    rank_from_coverage=shares,
    remarks=st.lists(texts, max_size=2),
)
"""As YAML would give them; right in each part, and not always as a whole."""

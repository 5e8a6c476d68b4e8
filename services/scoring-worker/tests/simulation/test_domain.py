"""An index set with some of its criteria changed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from scoring_worker.index_sets.differences import Difference, differences
from scoring_worker.index_sets.document import load_content
from scoring_worker.simulation.domain import Change, changed, place_of

CITY: Any = yaml.safe_load((Path(__file__).parents[4] / "data" / "index_sets" / "cchc-city.yaml").read_text("utf-8"))
RULE = {"kind": "linear_threshold", "threshold": "0.5"}


def test_criteria_are_changed_wherever_they_stand_and_sums_are_not_asked() -> None:
    changes = {"1.1.1": Change("1.1.1", "35", None), "2.2": Change("2.2", None, RULE), "9.9": Change("9.9", "1", None)}
    tried, strange = changed(CITY, changes)
    assert strange == {"9.9"}
    assert load_content(tried).index_set.points is None
    assert differences(CITY, tried) == [
        Difference("points", 100, None),
        Difference("fields.1.criteria.1.1.criteria.1.1.1.max", 30, "35"),
        Difference("fields.2.criteria.2.2.rule.kind", "linear", "linear_threshold"),
        Difference("fields.2.criteria.2.2.rule.threshold", None, "0.5"),
    ]


def test_what_has_no_rule_cannot_be_changed() -> None:
    assert changed(CITY, {"1.1": Change("1.1", "1", None)})[1] == {"1.1"}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("fields.0.criteria.0.criteria.1.rule", "1.1.2"),
        ("fields.1.criteria.0", "2.1"),
        ("fields.1", "2"),
        ("places", None),
        ("indicators.none.numerator.0", None),
    ],
)
def test_a_fault_lies_in_a_criterion(path: str, code: str | None) -> None:
    assert place_of(path, CITY) == code


def test_differences_of_lists_and_of_what_is_only_on_one_side() -> None:
    before = {"a": [{"code": "x", "n": 1}, {"code": "y", "n": 1}], "b": [1, 2], "c": 1}
    after = {"a": [{"code": "y", "n": 2}, {"code": "z", "n": 1}], "b": [2, 1], "d": {}}
    assert differences(before, after) == [
        Difference("a.x", {"code": "x", "n": 1}, None),
        Difference("a.y.n", 1, 2),
        Difference("a.z", None, {"code": "z", "n": 1}),
        Difference("b", [1, 2], [2, 1]),
        Difference("c", 1, None),
        Difference("d", None, {}),
    ]
    assert differences(before, before) == []

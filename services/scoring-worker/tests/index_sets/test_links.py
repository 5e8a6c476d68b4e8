"""Sets beside each other: what one reads must be there, and must not come back to it."""

from typing import Any

import pytest

from scoring_worker.index_sets.document import load_content
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.index_sets.links import clashes, strays
from tests.support.composites import composite, name, plain_set

BONUS = {
    "code": "9",
    "name": name(),
    "adds": "bonus",
    "cap": 3,
    "criteria": [{"code": "9.1", "name": name(), "max": 3, "indicator": "y", "rule": {"kind": "given"}}],
}
BASE = plain_set("BASE")
BASE["indicators"]["y"] = {"name": name(), "source": "council", "of": "amount"}
BASE["fields"].append(BONUS)


def sets(*contents: dict[str, Any]) -> list[IndexSet]:
    return [load_content(content).index_set for content in contents]


def reading(code: str, *read: str, version: str = "1") -> dict[str, Any]:
    return composite(code, {str(number): (each, None, 10) for number, each in enumerate(read)}, version=version)


@pytest.mark.parametrize(
    ("of", "others", "path", "said"),
    [
        (reading("A", "NONE"), [BASE], "indicators.r0.set", "there is no index set NONE"),
        (reading("A", "A"), [BASE], "indicators.r0.set", "A → A"),
        (reading("A", "B"), [reading("B", "C"), reading("C", "A")], "indicators.r0.set", "A → B → C → A"),
        # A version that is no more in force may be again, for another period.
        (reading("A", "B"), [plain_set("B", version="2"), reading("B", "A")], "indicators.r0.set", "A → B → A"),
        (composite("A", {"1": ("BASE", "7", 10)}), [BASE], "indicators.r1.field", "no field with points of BASE: 1"),
        (composite("A", {"1": ("BASE", "9", 10)}), [BASE], "indicators.r1.field", "no field with points of BASE: 1"),
    ],
)
def test_what_leads_nowhere_or_back_is_named(
    of: dict[str, Any], others: list[dict[str, Any]], path: str, said: str
) -> None:
    [fault] = strays(load_content(of).index_set, sets(*others))
    assert fault.path == path
    assert said in fault.en


def test_what_is_there_may_be_read_twice_and_by_many() -> None:
    others = sets(BASE, reading("B", "BASE"), reading("C", "BASE", "B"))
    both = composite("A", {"1": ("BASE", "1", 10), "2": ("BASE", None, 10), "3": ("B", None, 5), "4": ("C", None, 5)})
    assert list(strays(load_content(both).index_set, others)) == []


def test_a_field_of_an_older_version_may_be_read() -> None:
    newer = plain_set("BASE", version="2")
    newer["fields"][0]["code"], newer["fields"][0]["criteria"][0]["code"] = "one", "one.1"
    [index_set] = sets(composite("A", {"1": ("BASE", "1", 10)}))
    assert list(strays(index_set, sets(BASE, newer))) == []


def test_an_indicator_means_the_same_to_all() -> None:
    other = plain_set("B", indicators={"x": {"name": name(), "source": "imported", "of": "amount"}})
    other["fields"][0]["criteria"][0]["rule"] = {"kind": "given"}
    [mine, theirs] = sets(BASE, other)
    [fault] = clashes(mine, [theirs])
    assert (fault.path, "B 1" in fault.en) == ("indicators.x.of", True)

"""Published tables come out to the printed digit."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.document import load
from scoring_worker.index_sets.evaluation import Evaluator, Node
from scoring_worker.index_sets.leaf import Subject
from scoring_worker.index_sets.reading import Reading

QD766 = Evaluator(load((Path(__file__).parents[4] / "data" / "index_sets" / "qd766.yaml").read_text()).index_set)
ROWS = list(csv.DictReader((Path(__file__).parent / "published" / "qd766.csv").read_text("utf-8").splitlines()))
"""What the national public service portal published in October 2026."""


def criteria(values: Mapping[str, Reading], kind: UnitKind) -> dict[str, Node]:
    """The criteria of Decision 766 by the indicator that each reads."""
    tree = QD766.tree(Subject({}, kind, values))
    return {node.inputs[0].indicator: node for field in tree for node in field.children}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['unit']} {row['metric']}")
def test_each_published_row_of_decision_766(row: dict[str, str]) -> None:
    n, d = row["numerator"], row["denominator"]
    reading = Reading(int(n), int(d)) if n else Reading(1)  # a share of 100 % that has no numbers
    node = criteria({row["metric"]: reading}, UnitKind(row["level"]))[row["metric"]]
    assert node.score == Decimal(row["published_score"]).quantize(Decimal("0.01"))
    assert node.max == Decimal(row["max"])

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from scoring_worker.counts.domain import Counts, add
from scoring_worker.facts.domain import HAPPENED, DutyState
from scoring_worker.index_sets.bands import band_of
from scoring_worker.index_sets.document import load
from scoring_worker.index_sets.domain import Field, IndexSet, Missing
from scoring_worker.index_sets.evaluation import Evaluator, Node
from scoring_worker.index_sets.indicators import FromEvents
from scoring_worker.index_sets.leaf import IndicatorInput, Subject
from scoring_worker.sources import MEASURES, OCCURRENCES

SET = load((Path(__file__).parents[4] / "data" / "index_sets" / "cchc-city.yaml").read_text()).index_set

numbers = st.integers(1, 200)
some_counts = st.fixed_dictionaries(
    {},
    optional={
        measure: st.dictionaries(st.sampled_from(sorted(DutyState)), numbers, min_size=1)
        if measure not in OCCURRENCES
        else st.dictionaries(st.just(HAPPENED), numbers, min_size=1)
        for measure in MEASURES
    },
)


def leaves(nodes: tuple[Node, ...]) -> list[Node]:
    return [leaf for node in nodes for leaf in (leaves(node.children) if node.children else [node])]


@given(some_counts)
def test_the_tree_adds_up_to_the_score(counts: Counts) -> None:
    evaluator = Evaluator(SET)
    score, tree = evaluator.score(Subject(counts, None)), evaluator.tree(Subject(counts, None))
    assert score.total == sum(node.score or 0 for node in tree) == sum(node.score or 0 for node in leaves(tree))
    assert score.max == sum(node.counted for node in tree)
    assert [(part.code, part.score, part.max) for part in score.fields] == [
        (node.code, node.score, node.counted) for node in tree
    ]


@given(some_counts)
def test_a_score_lies_between_zero_and_its_maximum(counts: Counts) -> None:
    evaluator = Evaluator(SET)
    score = evaluator.score(Subject(counts, None))
    assert 0 <= score.total <= score.max <= 100
    assert (score.percent is None) == (score.max == 0)


def test_one_unit_by_hand() -> None:
    evaluator = Evaluator(SET)
    counts: Counts = {
        "task.completion": {"on_time": 31, "late": 2, "overdue": 1, "pending": 5},
        "feedback.acceptance": {"on_time": 9, "late": 1},
        "task.unjustified_handover": {"happened": 3},
    }
    score = evaluator.score(Subject(counts, UnitKind.DEPARTMENT))
    scores = {leaf.code: leaf.score for leaf in leaves(evaluator.tree(Subject(counts, UnitKind.DEPARTMENT)))}
    assert scores == {
        "1.1.1": Decimal("27.35"),  # 30 · 31 / 34
        "1.1.2": Decimal("9.71"),  # 10 · 33 / 34
        "2.1": Decimal("14.21"),  # 15 · (9 / 10) / 0.95
        "2.2": None,
        "3.1": Decimal("8.50"),  # 10 − 3 · 0.5
    }
    assert (score.total, score.max, score.percent) == (Decimal("59.77"), Decimal(65), Decimal("91.95"))


def test_the_tree_says_where_each_number_comes_from() -> None:
    counts: Counts = {
        "task.completion": {"on_time": 31, "late": 2, "overdue": 1, "pending": 5},
        "feedback.acceptance": {"on_time": 9, "late": 1},
        "task.unjustified_handover": {"happened": 3},
    }
    nodes = {node.code: node for node in everything(Evaluator(SET).tree(Subject(counts, UnitKind.DEPARTMENT)))}
    assert {code: (node.max, node.counted, node.score, node.state, node.rule) for code, node in nodes.items()} == {
        "1": (Decimal(40), Decimal(40), Decimal("37.06"), "scored", None),
        "1.1": (Decimal(40), Decimal(40), Decimal("37.06"), "scored", None),
        "1.1.1": (Decimal(30), Decimal(30), Decimal("27.35"), "scored", "linear"),
        "1.1.2": (Decimal(10), Decimal(10), Decimal("9.71"), "scored", "linear"),
        "2": (Decimal(50), Decimal(15), Decimal("14.21"), "scored", None),
        "2.1": (Decimal(15), Decimal(15), Decimal("14.21"), "scored", "linear_threshold"),
        "2.2": (Decimal(35), Decimal(0), None, "missing", "linear"),
        "3": (Decimal(10), Decimal(10), Decimal("8.50"), "scored", None),
        "3.1": (Decimal(10), Decimal(10), Decimal("8.50"), "scored", "deduction"),
    }
    told = {part.code: part.name for part in SET.fields}
    told |= {each.code: each.name for part in SET.fields for one in part.criteria for each in one.all()}
    assert {code: node.name for code, node in nodes.items()} == told
    tasks = {"on_time": 31, "late": 2, "overdue": 1, "pending": 5}
    assert {code: node.inputs for code, node in nodes.items() if node.inputs} == {
        "1.1.1": (IndicatorInput("tasks_on_time", 31, 34, Decimal("0.9118"), tasks),),
        "1.1.2": (IndicatorInput("tasks_completed", 33, 34, Decimal("0.9706"), tasks),),
        "2.1": (IndicatorInput("reports_accepted_on_time", 9, 10, Decimal("0.9000"), {"on_time": 9, "late": 1}),),
        "2.2": (IndicatorInput("reports_resolved_on_time", 0, 0, None, {}),),
        # 3 / 47. The states of tasks and of reports are added up.
        "3.1": (
            IndicatorInput(
                "handovers",
                3,
                47,
                Decimal("0.0638"),
                {"happened": 3, "on_time": 40, "late": 3, "overdue": 1, "pending": 5},
            ),
        ),
    }


def everything(nodes: tuple[Node, ...]) -> list[Node]:
    return [each for node in nodes for each in (node, *everything(node.children))]


def test_an_indicator_without_a_denominator_is_a_plain_count() -> None:
    handovers = SET.indicators["handovers"]
    assert isinstance(handovers, FromEvents)
    counted = replace(handovers, denominator=())
    counts: Counts = {"task.unjustified_handover": {"happened": 3}, "feedback.unjustified_handover": {"happened": 1}}
    for handed_over, points in ((counts, "8.00"), ({}, "10.00")):
        evaluator = Evaluator(replace(SET, indicators=SET.indicators | {"handovers": counted}))
        leaf = leaves(evaluator.tree(Subject(handed_over, None)))[-1]
        number = sum(states["happened"] for states in handed_over.values())
        assert (leaf.score, leaf.state) == (Decimal(points), "scored")
        (given,) = leaf.inputs
        assert (given.numerator, given.denominator, given.value) == (number, None, Decimal(number))


def test_a_group_in_which_nothing_is_scored_takes_the_state_of_its_children() -> None:
    """Missing, as soon as one could have been scored: data may still come. Not applicable, where none could."""

    def state(*kinds: tuple[UnitKind, ...]) -> str:
        group = replace(
            SET.fields[0].criteria[0],
            criteria=tuple(
                replace(leaf, kinds=limited)
                for leaf, limited in zip(SET.fields[0].criteria[0].criteria, kinds, strict=True)
            ),
        )
        index_set = replace(SET, fields=(replace(SET.fields[0], criteria=(group,)),))
        field = Evaluator(index_set).tree(Subject({}, UnitKind.DEPARTMENT))[0]
        assert (field.score, field.counted, field.state) == (None, Decimal(0), field.children[0].state)
        return field.state

    everyone, communes = (), (UnitKind.COMMUNE,)
    assert state(everyone, everyone) == "missing"
    assert state(everyone, communes) == state(communes, everyone) == "missing"
    assert state(communes, communes) == "not_applicable"


def test_a_unit_is_scored_by_what_applies_to_its_kind() -> None:
    evaluator = Evaluator(replace(SET, fields=_limited(SET)))
    counts: Counts = {"task.completion": {"on_time": 1}}
    assert evaluator.score(Subject(counts, UnitKind.COMMUNE)).fields[0].max == Decimal(40)
    assert evaluator.score(Subject(counts, None)).fields[0].max == Decimal(40)
    assert evaluator.score(Subject(counts, UnitKind.DEPARTMENT)).fields[0].max == Decimal(10)


def test_halves_are_rounded_up() -> None:
    """Also where the digit before is even: points 30 / 48 = 0.625, a share 1 / 32 = 0.03125, 0.05 of 40 = 0.125 %."""
    evaluator = Evaluator(SET)

    def first(counts: Counts) -> Node:
        return leaves(evaluator.tree(Subject(counts, None)))[0]

    assert first({"task.completion": {"on_time": 1, "overdue": 47}}).score == Decimal("0.63")
    assert first({"task.completion": {"on_time": 1, "overdue": 31}}).inputs[0].value == Decimal("0.0313")
    tasks_alone = Evaluator(replace(SET, fields=SET.fields[:1]))
    score = tasks_alone.score(Subject({"task.completion": {"late": 1, "overdue": 199}}, None))
    assert (score.total, score.max, score.percent) == (Decimal("0.05"), Decimal(40), Decimal("0.13"))


def test_missing_is_neither_zero_nor_not_applicable() -> None:
    only_communes = replace(SET, fields=_limited(SET))
    choices: tuple[Missing, ...] = ("exclude", "zero")
    states = {
        (missing, kind): next(
            (leaf.state, leaf.score, leaf.counted)
            for leaf in leaves(Evaluator(replace(only_communes, missing=missing)).tree(Subject({}, kind)))
        )
        for missing in choices
        for kind in (UnitKind.COMMUNE, UnitKind.DEPARTMENT, None)
    }
    zero, not_applicable = Decimal(0), ("not_applicable", None, Decimal(0))
    assert states["exclude", UnitKind.COMMUNE] == states["exclude", None] == ("missing", None, zero)
    assert states["zero", UnitKind.COMMUNE] == states["zero", None] == ("missing", zero, Decimal(30))
    assert states["zero", UnitKind.DEPARTMENT] == states["exclude", UnitKind.DEPARTMENT] == not_applicable


def _limited(index_set: IndexSet) -> tuple[Field, ...]:
    first = index_set.fields[0]
    group = first.criteria[0]
    leaf = replace(group.criteria[0], kinds=(UnitKind.COMMUNE,))
    return (replace(first, criteria=(replace(group, criteria=(leaf, *group.criteria[1:])),)), *index_set.fields[1:])


def test_what_is_not_due_yet_counts_nowhere() -> None:
    evaluator = Evaluator(SET)
    counts: Counts = {"task.completion": {"pending": 7}}
    score = evaluator.score(Subject(counts, None))
    assert score.max == 0
    assert score.percent is None
    assert leaves(evaluator.tree(Subject(counts, None)))[0].inputs[0].states == {"pending": 7}


@given(some_counts, some_counts)
def test_only_facts_that_a_set_reads_can_move_its_score(counts: Counts, others: Counts) -> None:
    evaluator = Evaluator(SET)
    moved: Counts = {measure: dict(states) for measure, states in counts.items()}
    for measure, states in others.items():
        for state, n in states.items():
            if (measure, state) not in evaluator.reads:
                add(moved, measure, state, n)
    assert evaluator.score(Subject(moved, None)) == evaluator.score(Subject(counts, None))


def test_a_band_begins_at_its_bound() -> None:
    bands = {percent: band_of(SET.bands, Decimal(percent), {}) for percent in ("89.99", "90", "0")}
    assert {percent: band.code for percent, band in bands.items() if band} == {
        "89.99": "good",
        "90": "excellent",
        "0": "weak",
    }

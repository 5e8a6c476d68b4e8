from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from scoring_worker.index_sets.document import FaultyDocument, load
from scoring_worker.sources import MEASURES

FOLDER = Path(__file__).parents[4] / "data" / "index_sets"
CITY = (FOLDER / "cchc-city.yaml").read_text()


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.yaml")), ids=lambda file: file.name)
def test_every_shipped_set_is_sound(file: Path) -> None:
    index_set = load(file.read_text()).index_set
    assert index_set.points is not None or index_set.parts, "points are checked against a sum"


def test_the_template_says_that_it_is_one() -> None:
    index_set = load(CITY).index_set
    assert index_set.template
    assert index_set.notice is not None
    assert index_set.status == "R"


def test_the_hash_is_of_the_content_not_of_the_layout() -> None:
    assert load(CITY + "\n# a comment\n").sha256 == load(CITY).sha256
    assert load(CITY.replace('each: "0.5"', 'each: "0.6"')).sha256 != load(CITY).sha256


def test_every_fault_is_named_with_its_place() -> None:
    faulty = (
        CITY.replace("max: 30", "max: -1").replace('threshold: "0.95"', "threshold: 2").replace("places: 2", "x: 2")
    )
    with pytest.raises(FaultyDocument) as raised:
        load(faulty)
    assert {fault.path for fault in raised.value.faults} == {
        "places",
        "x",
        "fields.0.criteria.0.criteria.0",
        "fields.1.criteria.0.rule",
    }


def test_a_wrong_state_is_one_fault() -> None:
    old = "numerator: [{measure: task.completion, states: [on_time]}]"
    assert old in CITY
    with pytest.raises(FaultyDocument) as raised:
        load(CITY.replace(old, old.replace("on_time]", "in_time]"), 1))
    (fault,) = raised.value.faults
    assert fault.path == "indicators.tasks_on_time.numerator.0.states.0"
    assert "'overdue' or 'happened'" in fault.en


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("indicator: handovers", "indicator: nothing", "fields.2.criteria.0.indicator"),
        ('code: "1.1.2"', 'code: "1.1.1"', "fields"),
        (
            "numerator: [{measure: task.completion, states: [on_time, late]}]",
            "numerator: [{measure: task.completion, states: [pending]}]",
            "indicators.tasks_completed.numerator",
        ),
        (
            "numerator: [{measure: task.completion, states: [on_time]}]",
            "numerator: [{measure: task.completion, states: [happened]}]",
            "indicators.tasks_on_time.numerator.0.states",
        ),
        ("measure: task.completion", "measure: task.beauty", "indicators.tasks_on_time.numerator.0.measure"),
        ("states: [on_time, late, overdue]", "states: []", "indicators.tasks_on_time.denominator.0"),
        ("states: [on_time, late, overdue]", "states: [late, late]", "indicators.tasks_on_time.denominator.0"),
        ("max: 30", "max: -1", "fields.0.criteria.0.criteria.0"),
        ("at_least: 80", "at_least: 90", "bands"),
        ("places: 2", "places: 7", "places"),
        ('rule: {kind: deduction, each: "0.5"}', "rule: {kind: guess}", "fields.2.criteria.0.rule"),
    ],
)
def test_what_makes_no_sense_together_is_refused(old: str, new: str, path: str) -> None:
    assert old in CITY
    with pytest.raises(FaultyDocument) as raised:
        load(CITY.replace(old, new, 1))
    assert path in {fault.path for fault in raised.value.faults}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("measure: task.completion", "measure: task.beauty", f"must be one of {', '.join(MEASURES)}"),
        ("states: [on_time, late, overdue]", "states: []", "states must be named, each once"),
        ("            max: 30\n", "", "a criterion without sub-criteria needs max, indicator and rule"),
        (
            "{vi: Hoàn thành nhiệm vụ, en: Completion of tasks}",
            "{vi: Hoàn thành nhiệm vụ, en: Completion of tasks}\n        max: 30",
            "a criterion with sub-criteria has no max, indicator, rule or missing of its own",
        ),
        ("max: 30", "max: -1", "max must be 0 or more"),
    ],
)
def test_a_fault_says_what_would_do(old: str, new: str, words: str) -> None:
    assert old in CITY
    with pytest.raises(FaultyDocument) as raised:
        load(CITY.replace(old, new, 1))
    assert [fault.en for fault in raised.value.faults if fault.en.endswith(words)] != []


@pytest.mark.parametrize(
    ("place", "value", "path"),
    [
        (("notice",), None, "notice"),
        (("fields",), [], "fields"),
        (("fields", 0, "criteria"), [], "fields.0.criteria"),
        (("indicators", "handovers", "numerator"), [], "indicators.handovers.numerator"),
        (("indicators", "tasks_on_time", "denominator"), [], "fields.0.criteria.0.criteria.0.rule"),
    ],
    ids=["a template without notice", "no field", "no criterion", "nothing counted", "a share of nothing"],
)
def test_what_is_left_out_is_named(place: tuple[str | int, ...], value: list[object] | None, path: str) -> None:
    content = yaml.safe_load(CITY)
    del content["points"]
    *way, last = place
    within = content
    for step in way:
        within = within[step]
    within[last] = value
    with pytest.raises(FaultyDocument) as raised:
        load(yaml.safe_dump(content))
    assert [fault.path for fault in raised.value.faults] == [path]


def test_less_than_a_point_is_a_maximum_too() -> None:
    less = CITY.replace("max: 30", "max: 0.5", 1).replace("points: 100", "points: 70.5")
    assert next(load(less).index_set.leaves()).max == Decimal("0.5")


@pytest.mark.parametrize("points", ["1e-99999999", "1e99999999", "NaN", "Infinity", "0.1234567891"])
def test_a_number_that_no_memory_holds_is_refused(points: str) -> None:
    with pytest.raises(FaultyDocument) as raised:
        load(CITY.replace("max: 30", f'max: "{points}"'))
    assert [fault.path for fault in raised.value.faults] == ["fields.0.criteria.0.criteria.0.max"]


@pytest.mark.parametrize("text", ["", "- 1", "a: [", "code: X", "a: &x [1]\nb: *x", "[" * 20_000])
def test_what_is_no_index_set_at_all_is_refused(text: str) -> None:
    with pytest.raises(FaultyDocument):
        load(text)

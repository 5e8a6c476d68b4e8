"""Sentences: what they say can be reckoned again from what stands in them, and is what the tree has."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.document import load, typed
from scoring_worker.index_sets.evaluation import Evaluator, Node
from scoring_worker.index_sets.expressions import compiled
from scoring_worker.index_sets.indicators import FromSet
from scoring_worker.index_sets.leaf import Subject
from scoring_worker.index_sets.reading import NOT_APPLICABLE, UNKNOWN, Reading, rounded
from scoring_worker.index_sets.rules import RULES
from scoring_worker.index_sets.rules.kind import Kind
from tests.support.vietnamese import foreign_words

FOLDER = Path(__file__).parents[4] / "data" / "index_sets"
NUMBER = re.compile(r"\d+(?:\.\d{3})*(?:,\d+)?")


SCALED = {"not_applicable": "scale"}


def text(words: str) -> dict[str, str]:
    return {"vi": words, "en": words}


def a_set(
    rule: dict[str, Any],
    inputs: Mapping[str, str],
    of: str = "amount",
    exemptions: Sequence[dict[str, Any]] = (),
    **more: object,
) -> Evaluator:
    """A set of two criteria: `A` by the rule, for 8 points, and `B`, which gives its points away by `scale`."""
    criteria = [
        {"code": "A", "name": text("a"), "max": 8, "inputs": dict(inputs), "rule": rule, **more},
        {"code": "B", "name": text("b"), "max": 3, "indicator": "GONE", "rule": {"kind": "linear"}, **SCALED},
    ]  # fmt: skip
    shares = {code: {"name": text(name), "source": "council", "of": of} for name, code in inputs.items()}
    content: dict[str, Any] = {
        "code": "X", "version": "1", "title": text("X"), "source": "invented for a test", "status": "R",
        "effective_from": "2020-01-01", "places": 2, "ranking": "1-2-2-4", "missing": "exclude",
        "kinds": ["department", "commune"], "bands": [], "exemptions": exemptions,
        "indicators": {**shares, "GONE": {"name": text("mất"), "source": "imported", "of": "share"}},
        "fields": [{"code": "F", "name": text("f"), "criteria": criteria}],
    }  # fmt: skip
    return Evaluator(typed(content))


def first(evaluator: Evaluator, values: Mapping[str, Reading], unit: str = "", period: str = "") -> Node:
    (field,) = evaluator.tree(Subject({}, UnitKind.DEPARTMENT, values, unit, period))
    return field.children[0]


def said(node: Node) -> str:
    assert node.sentence is not None
    return node.sentence.vi


def number(words: str) -> Fraction:
    return Fraction(words.replace(".", "").replace(",", "."))


def reckoned(sentence: str) -> tuple[Fraction, str, Fraction]:
    """The points that the formula of a sentence gives, and the sign and the points that it says itself."""
    formula, sign, score = re.fullmatch(r"(.*) ([=≈]) ([\d.,]+) điểm", sentence, re.DOTALL).groups()  # type: ignore[union-attr]
    lowest = re.search(r"\(không dưới ([\d.,]+)\)", formula)
    highest = re.search(r"\((?:tối đa|trong khoảng 0 đến) ([\d.,]+) điểm\)", formula)
    formula, _, scaled = formula.partition(" (gồm điểm")
    factor = Fraction(1)
    if scaled:
        formula, _, given = formula.rpartition(" × ")
        factor = Fraction(*(int(number(part)) for part in given.split("/"))) if "/" in given else number(given)
    if cel := re.search(r"biểu thức `(.*)`", formula, re.DOTALL):
        result = compiled(cel[1]).number({}, Fraction(0))
        assert result is not None
    else:
        formula = re.sub(r"\((?:≈ )?[\d.,]+ %\)", "", formula)
        formula = re.sub(r"\((?:tối đa|trong khoảng|không dưới|ngưỡng|đạt ngưỡng)[^)]*\)", "", formula)
        formula = re.sub(r"[^:(+]*: ", "", formula) if formula.startswith("(") else formula.rpartition(": ")[2]
        formula = re.sub(NUMBER, lambda found: f"F('{number(found[0])}')", formula)
        formula = re.sub(r"(F\('[^']*'\)) %", r"(\1/100)", formula)
        formula = re.sub(r"điểm(?: (?:do|đếm|theo)[^(]*)?", "", formula)
        result = eval(formula.translate(str.maketrans("×÷−", "*/-")), {"F": Fraction})  # noqa: S307 - our own words
    if lowest:
        result = max(result, number(lowest[1]))
    if highest:
        result = max(min(result, number(highest[1])), Fraction(0))
    return result * factor, sign, number(score)


hundredths = st.decimals("0.01", 1, places=2).map(str)
few = st.decimals("0.01", 3, places=2).map(str)
steps = st.lists(
    st.tuples(few, hundredths, st.sampled_from(["at_least", "above"])),
    min_size=1,
    max_size=4,
    unique_by=lambda step: step[0],
)
expressions = st.sampled_from(["a.value * 2", "least(max, 20*a.n/7)", "a.n > 3 ? max/3 : 1/3", "-a.value"])
RULE: dict[str, st.SearchStrategy[Any]] = {
    "linear": st.just({}),
    "linear_threshold": st.fixed_dictionaries({"threshold": hundredths}),
    "threshold_proportional": st.fixed_dictionaries({"threshold": hundredths}),
    "binary": st.fixed_dictionaries({"at_least": few}) | st.fixed_dictionaries({"at_most": few}),
    "count": st.fixed_dictionaries({"each": few}),
    "ladder": steps.map(lambda drawn: {"steps": [{side: bound, "share": share} for bound, share, side in drawn]}),
    "deduction": st.fixed_dictionaries({"each": few}),
    "answers": st.fixed_dictionaries({"shares": st.fixed_dictionaries({"tốt": hundredths, "kém": hundredths})}),
    "given": st.just({}),
    "expression": expressions.map(lambda cel: {"cel": cel}),
}
AMOUNTS = {"count", "given", "answers"}


def test_every_kind_of_rule_is_tried_here_and_must_say_something() -> None:
    assert RULE.keys() == RULES.keys()

    @dataclass(frozen=True, slots=True)
    class Silent(Kind):
        def points(self, maximum: Fraction, readings: Mapping[str, Reading]) -> Fraction:
            return maximum

    with pytest.raises(TypeError, match="sentence"):
        Silent()  # type: ignore[abstract]


@st.composite
def readings(draw: st.DrawFn, of: str) -> Reading:
    if of == "amount":
        return Reading(draw(st.decimals(0, 2000, places=2)))
    if draw(st.booleans()):
        return Reading(draw(st.decimals(0, 1, places=4)))
    whole = draw(st.integers(1, 5000))
    return Reading(draw(st.integers(0, whole)), whole)


@pytest.mark.parametrize("kind", RULE)
@settings(max_examples=25, phases=[Phase.generate])
@given(data=st.data())
def test_points_are_reckoned_again_from_the_sentence(kind: str, data: st.DataObject) -> None:
    rule = {"kind": kind, **data.draw(RULE[kind])}
    either = st.sampled_from(["share", "amount"])
    of = "share" if RULES[kind].needs == "share" else "amount" if kind in AMOUNTS else data.draw(either)
    names = {"tốt": "GOOD", "kém": "BAD"} if kind == "answers" else {"a": "ONE"}
    down = of == "share" and data.draw(st.booleans())
    evaluator = a_set(rule, names, of, direction="down" if down else "up")
    values = {code: data.draw(readings(of)) for code in names.values()}
    if kind == "answers":
        assume(any(reading.n for reading in values.values()))
    if data.draw(st.booleans()):
        values["GONE"] = NOT_APPLICABLE  # its points are for the other
    node = first(evaluator, values)
    exact, sign, score = reckoned(said(node))
    assert score == node.score
    assert rounded(exact, 2) == node.score
    assert sign == ("=" if exact == node.score else "≈")
    assert node.sentence is not None
    vi, en = (re.sub("`.*`", "", words) for words in (said(node), node.sentence.en))
    assert NUMBER.findall(en.translate(str.maketrans(",.", ".,"))) == NUMBER.findall(vi), "in both languages"


@pytest.mark.parametrize(
    ("rule", "of", "reading", "words"),
    [
        ({"kind": "linear"}, "share", Reading(718, 733), "a: 718/733 (≈ 97,95 %) × 8 điểm ≈ 7,84 điểm"),
        ({"kind": "linear"}, "share", Reading(Decimal("0.5")), "a: 50 % × 8 điểm = 4 điểm"),
        (
            {"kind": "ladder", "steps": [{"at_least": 3, "share": 1}, {"at_least": 2, "share": "0.75"}]},
            "amount",
            Reading(2),
            "a: 2, bậc từ 2 đến dưới 3: 75 % × 8 điểm = 6 điểm",
        ),
        (
            {"kind": "ladder", "steps": [{"above": "0.9", "share": 1}]},
            "share",
            Reading(9, 10),
            "a: 9/10 (90 %), bậc thấp nhất là trên 90 %: 0 % × 8 điểm = 0 điểm",
        ),
        ({"kind": "count", "each": "0.5"}, "amount", Reading(3), "a: 3 × 0,5 điểm (tối đa 8 điểm) = 1,5 điểm"),
        (
            {"kind": "deduction", "each": "0.5"},
            "amount",
            Reading(3),
            "a: 8 điểm − 3 × 0,5 điểm (không dưới 0) = 6,5 điểm",
        ),
        (
            {"kind": "binary", "at_most": 0},
            "amount",
            Reading(1),
            "a: 1, không đạt mức không quá 0: 0 % × 8 điểm = 0 điểm",
        ),
        (
            {"kind": "expression", "cel": "least(max, 2*a.value/0.8)"},
            "share",
            Reading(1, 3),
            "a: 1/3 (≈ 33,33 %); biểu thức `least(8, 2*(1/3)/0.8)` (trong khoảng 0 đến 8 điểm) ≈ 0,83 điểm",
        ),
        (
            {"kind": "given"},
            "amount",
            Reading(Decimal("1234.5")),
            "a: 1.234,5 điểm do hội đồng hoặc người lãnh đạo chấm (trong khoảng 0 đến 8 điểm) = 8 điểm",
        ),
    ],
)
def test_as_it_is_said(rule: dict[str, Any], of: str, reading: Reading, words: str) -> None:
    assert said(first(a_set(rule, {"a": "ONE"}, of), {"ONE": reading})) == words


@pytest.mark.parametrize(
    ("more", "reading", "words"),
    [
        ({}, UNKNOWN, "Chưa có số liệu (a): không tính vào điểm tối đa"),
        ({"missing": "zero"}, UNKNOWN, "Chưa có số liệu (a): tính 0 điểm"),
        ({}, Reading(0, 0), "Mẫu số bằng 0 (a): coi như chưa có số liệu, không tính vào điểm tối đa"),
        ({"zero_denominator": "zero"}, Reading(0, 0), "Mẫu số bằng 0 (a): tính 0 điểm"),
        ({"zero_denominator": "full"}, Reading(0, 0), "Mẫu số bằng 0 (a): được đủ điểm = 8 điểm"),
        ({}, Reading(5, 3), "Số liệu mâu thuẫn (a: 5/3): không tính vào điểm tối đa"),
        ({"direction": "down"}, Reading(1, 4), "a: (4 − 1)/4 (75 %) × 8 điểm = 6 điểm"),
    ],
)
def test_without_data(more: dict[str, Any], reading: Reading, words: str) -> None:
    assert said(first(a_set({"kind": "linear"}, {"a": "ONE"}, "share", **more), {"ONE": reading})) == words


def test_a_formula_without_a_result() -> None:
    answers = a_set({"kind": "answers", "shares": {"tốt": 1}}, {"tốt": "GOOD"})
    words = "(tốt: 0 × 100 %) ÷ 0 × 8 điểm không có kết quả: không tính vào điểm tối đa"
    assert said(first(answers, {"GOOD": Reading(0)})) == words


@pytest.mark.parametrize(
    ("goes", "words"),
    [
        ("shrink", "điểm được rút khỏi tổng"),
        ("scale", "điểm được quy đổi cho các tiêu chí khác trong nhóm"),
        ("share", "điểm được chia đều cho các tiêu chí khác trong nhóm"),
        ("full", "đơn vị được đủ điểm = 8 điểm"),
    ],
)
def test_what_does_not_apply_says_why_and_where_its_points_went(goes: str, words: str) -> None:
    share = {"ONE": Reading(1, 2), "GONE": Reading(1, 2)}
    by_kind = a_set({"kind": "linear"}, {"a": "ONE"}, "share", not_applicable=goes, kinds=["commune"])
    assert said(first(by_kind, share)) == f"Không áp dụng cho loại đơn vị “Sở, ban, ngành”: {words}"
    entered = a_set({"kind": "linear"}, {"a": "ONE"}, "share", not_applicable=goes)
    assert (
        said(first(entered, {**share, "ONE": NOT_APPLICABLE})) == f"Không áp dụng, theo số liệu được nhập (a): {words}"
    )
    exemption = {"criteria": ["A"], "reason": text("được miễn"), "periods": ["2026"], "not_applicable": goes}
    evaluator = a_set({"kind": "linear"}, {"a": "ONE"}, "share", exemptions=[exemption])
    assert said(first(evaluator, share, period="2026-H1")) == f"Không áp dụng, miễn trừ: được miễn: {words}"
    assert "8 điểm" in said(first(evaluator, share, period="2027-H1"))


def test_points_that_nobody_is_left_to_take_are_gone() -> None:
    evaluator = a_set({"kind": "linear"}, {"a": "ONE"}, "share", not_applicable="share")
    nobody = {"ONE": NOT_APPLICABLE, "GONE": NOT_APPLICABLE}
    assert said(first(evaluator, nobody)).endswith(": điểm được rút khỏi tổng")
    of_field = [{"criteria": ["F"], "reason": text("được miễn"), "units": ["u"], "not_applicable": "scale"}]
    evaluator = a_set({"kind": "linear"}, {"a": "ONE"}, "share", exemptions=of_field)
    assert said(first(evaluator, {}, unit="u")) == "Không áp dụng, miễn trừ: được miễn: điểm được rút khỏi tổng"


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.yaml")), ids=lambda file: file.name)
@settings(max_examples=5)
@given(data=st.data())
def test_shipped_sets_speak_vietnamese_and_say_what_the_tree_has(file: Path, data: st.DataObject) -> None:
    index_set = load(file.read_text("utf-8")).index_set
    some = st.sampled_from([UNKNOWN, NOT_APPLICABLE, Reading(0, 0), Reading(3, 7)])
    amount = st.sampled_from([UNKNOWN, NOT_APPLICABLE, Reading(0), Reading(Decimal("1.5"))])
    values = {
        code: data.draw(some if each.of == "share" else amount)
        for code, each in index_set.indicators.items()
        if each.source not in {"events", "set"}
    }
    components = {
        each.component: data.draw(st.sampled_from([UNKNOWN, Reading(Decimal("9.85"), Decimal(12))]))
        for each in index_set.indicators.values()
        if isinstance(each, FromSet)
    }
    counts = {"task.completion": {"on_time": 31, "late": 2}, "feedback.acceptance": {"overdue": 1}}
    kind = data.draw(st.sampled_from(index_set.kinds))
    subject = Subject(counts, kind, values, "u", "2026", components=components)
    for leaf in leaves(Evaluator(index_set).tree(subject)):
        names = [index_set.indicators[given.indicator].name.vi for given in leaf.inputs]
        sentence = said(leaf)
        for name in names:
            sentence = sentence.replace(name, "")
        assert foreign_words(sentence) == []
        if leaf.state == "scored":
            assert reckoned(sentence)[2] == leaf.score
        own = next(each for each in index_set.leaves() if each.code == leaf.code)
        assert leaf.source == (own.source or index_set.source)
        assert leaf.status == (own.status or index_set.status)


def leaves(nodes: tuple[Node, ...]) -> list[Node]:
    return [leaf for node in nodes for leaf in (leaves(node.children) if node.children else [node])]

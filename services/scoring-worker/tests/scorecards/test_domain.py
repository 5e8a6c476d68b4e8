"""What may be entered on a card: without a server."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cchc_shared.contract.codes import UnitKind
from cchc_shared.service.sheets import columns_of
from scoring_worker.index_sets.document import load
from scoring_worker.ledger.domain import Json
from scoring_worker.scorecards import views
from scoring_worker.scorecards.domain import Item, Place, changed_since, faults, is_new, surveyed
from scoring_worker.scorecards.schemas import FormerFinding, ScorecardLine
from scoring_worker.scorecards.sheets import CARD
from scoring_worker.seasons.domain import Entry, Member, Newest, Step
from scoring_worker.seasons.schemas import SeasonFinding
from scoring_worker.seasons.sheets import FINDINGS
from scoring_worker.seasons.standing import SHOWN
from tests.support.seasons import NOW, SET, known_season

PLACE = Place(
    field="1", max=Decimal(10), points=Decimal(8), places=2,
    applies=True, is_surveyed=False, is_finding=True, is_mine=True,
)  # fmt: skip
PLACES = {
    "1": PLACE,
    "none": PLACE._replace(applies=False),
    "survey": PLACE._replace(is_surveyed=True),
    "theirs": PLACE._replace(is_mine=False),
    "fine": PLACE._replace(is_finding=False),
}
S = Step
ROW: Json = {
    **dict.fromkeys(("calculated", *(step.value for step in SHOWN), "points", "origin")),
    "name": "x", "name_en": "x", "field": "1", "max": "10", "state": "missing", "finding": False,
}  # fmt: skip
PART: Json = {
    **dict.fromkeys(("percent", "coverage", "rank", "band")),
    "unit": "A", "name": "Đơn vị A", "kind": "department", "total": "0", "max": "20", "fields": [],
    "criteria": [{"criterion": code, **ROW} for code in ("1", "2")],
}  # fmt: skip
"""A unit of which nothing was entered."""


def entry(step: Step, number: int = 1, points: str | None = None, **details: object) -> Entry:
    return Entry(
        id=number, unit="A", criterion="1", step=step, points=None if points is None else Decimal(points),
        details=dict(details), actor="x", role="officer", actor_unit=None, at=NOW,
    )  # fmt: skip


ASKED: Newest = {S.APPRAISAL_1: entry(S.APPRAISAL_1, explain=True)}
OBJECTED: Newest = {S.OBJECTION: entry(S.OBJECTION)}


def item(points: str | None = None, criterion: str = "1", **details: object) -> Item:
    return Item(criterion, None if points is None else Decimal(points), details)


@pytest.mark.parametrize(
    ("step", "given_item", "said", "fields"),
    [
        (S.SELF_SCORE, item("10", evidence={"text": "x"}), {}, []),
        (S.SELF_SCORE, item("10", calculation="2 × 5"), {}, []),
        (S.SELF_SCORE, item("10"), {}, ["evidence"]),
        (S.SELF_SCORE, item("10.01"), {}, ["points", "evidence"]),
        (S.SELF_SCORE, item("9.999", calculation="x"), {}, ["points"]),
        (S.SELF_SCORE, item("11", "none"), {}, ["criterion"]),
        (S.SELF_SCORE, item("1", "survey", calculation="x"), {}, ["criterion"]),
        (S.SELF_SCORE, item("1", "9.9", calculation="x"), {}, ["criterion"]),
        (S.APPRAISAL_1, item("8"), {}, []),
        (S.APPRAISAL_1, item("7"), {}, ["remark"]),
        (S.APPRAISAL_1, item("7", remark="x"), {}, []),
        (S.APPRAISAL_1, item(explain=True, remark="x"), {}, []),
        (S.APPRAISAL_1, item(explain=True), {}, ["remark"]),
        (S.APPRAISAL_1, item(), {}, ["points", "remark"]),
        (S.APPRAISAL_1, item("8", accepted=True), {}, ["accepted"]),
        (S.APPRAISAL_1, item("8", "theirs"), {}, ["criterion"]),
        (S.EXPLANATION, item(text="x"), ASKED, []),
        (S.EXPLANATION, item(text="x"), {}, ["criterion"]),
        (S.APPRAISAL_2, item("8", accepted=True), ASKED, []),
        (S.APPRAISAL_2, item(accepted=True, remark="x"), ASKED, ["points"]),
        (S.APPRAISAL_2, item(accepted=False, remark="x"), ASKED, []),
        (S.APPRAISAL_2, item(accepted=False), ASKED, ["remark"]),
        (S.APPRAISAL_2, item("8"), ASKED, ["accepted"]),
        (S.APPRAISAL_2, item("8", accepted=True), {}, ["accepted"]),
        (S.APPRAISAL_2, item("8", explain=True), {}, ["explain"]),
        (S.APPRAISAL_2, item("8", "theirs"), {}, ["criterion"]),
        (S.COUNCIL, item("9", reason="x"), {}, []),
        (S.COUNCIL, item("1", "survey", reason="x"), {}, ["criterion"]),
        (S.OBJECTION, item(criterion="survey", reason="x"), {}, []),
        (S.RULING, item("9", upheld=True), OBJECTED, []),
        (S.RULING, item("8", upheld=True), OBJECTED, ["points"]),
        (S.RULING, item(upheld=True), OBJECTED, ["points"]),
        (S.RULING, item(), OBJECTED, []),
        (S.RULING, item("9"), OBJECTED, ["points"]),
        (S.RULING, item("9", upheld=True), {}, ["criterion"]),
        (S.FINDING, item(cause="x"), {}, []),
        (S.FINDING, item(criterion="fine", cause="x"), {}, ["criterion"]),
    ],
)
def test_faults_of_an_item(step: Step, given_item: Item, said: Newest, fields: list[str]) -> None:
    found = faults(step, [given_item], PLACES, {given_item.criterion: said})
    assert [fault.field for fault in found] == [f"items.0.{field}" for field in fields]


def test_every_fault_is_named_at_once() -> None:
    items = [item("11", calculation="x"), item("1", calculation="x"), item("1", "none"), item("5")]
    found = faults(S.SELF_SCORE, items, PLACES, {})
    assert [fault.field for fault in found] == [
        "items.0.points",
        "items.1.criterion",
        "items.2.criterion",
        "items.3.criterion",
    ]


@given(st.sampled_from(Step), st.none() | st.integers(0, 20).map(str), st.sampled_from([*PLACES, "9.9"]))
def test_what_is_taken_lies_between_nothing_and_the_maximum(step: Step, points: str | None, code: str) -> None:
    given_item = item(points, code, calculation="x", remark="x", accepted=None)
    if not faults(step, [given_item], PLACES, {code: {**ASKED, **OBJECTED}}):
        assert PLACES[code].applies
        assert given_item.points is None or given_item.points <= PLACES[code].max


MADE = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(Step)), max_size=8)


@given(MADE, st.integers(0, 10), st.sets(st.sampled_from("abcd")))
def test_a_criterion_changed_if_something_of_it_was_entered_since(
    made: list[tuple[str, Step]], seen: int, codes: set[str]
) -> None:
    """`made` are entries one by one, of criteria: the first makes version 2 of the card."""
    said: dict[str, dict[Step, Entry]] = {}
    for version, (code, step) in enumerate(made, start=2):
        said.setdefault(code, {})[step] = replace(entry(step), version=version)
    later = {code for version, (code, _) in enumerate(made, start=2) if version > seen}
    assert set(changed_since(seen, codes, said)) == codes & later


def test_the_same_again_is_no_entry() -> None:
    details: dict[str, Any] = {"calculation": "x"}
    said: Newest = {S.SELF_SCORE: entry(S.SELF_SCORE, 1, "5", **details)}
    assert not is_new(S.SELF_SCORE, item("5.00", **details), said)
    assert is_new(S.SELF_SCORE, item("6", **details), said)
    assert is_new(S.SELF_SCORE, item("5", **details), {})


def test_an_objection_may_be_repeated_once_it_was_answered() -> None:
    said: dict[Step, Entry] = dict(OBJECTED)
    assert not is_new(S.OBJECTION, item(), said)
    said[S.RULING] = entry(S.RULING, 2)
    assert is_new(S.OBJECTION, item(), said)
    assert is_new(S.RULING, item(), said)


def test_every_column_of_a_card_is_headed() -> None:
    for line, sheet in ((ScorecardLine, CARD), (SeasonFinding, FINDINGS)):
        assert [column.field for column in columns_of(line, sheet) if column.heading == column.field] == []


def finding(code: str) -> FormerFinding:
    empty = dict.fromkeys(("points", "cause", "accountable_unit", "accountable_position", "task"))
    return FormerFinding.model_validate(
        {"season": "DC-1", "period": "2025", "criterion": code, "name": code, "max": 10, "complete": False, **empty}
    )


def test_a_finding_of_a_criterion_that_is_gone_has_a_line_of_its_own() -> None:
    member = Member("A", "Đơn vị A", UnitKind.DEPARTMENT)
    card = views.card(known_season(), member, PART, {}, [finding("1"), finding("9")], [])
    lines = views.sheet(card).items
    assert [(each.criterion, each.max, each.former and each.former.criterion) for each in lines] == [
        ("1", 10, "1"),
        ("2", 10, None),
        ("9", None, "9"),
    ]


def test_what_a_survey_alone_answers_is_known_by_its_source() -> None:
    assert surveyed(load(SET).index_set) == {"2.1"}

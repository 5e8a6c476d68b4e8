"""The tree of conclusions: any that is taken is sound, and any that is refused names the faulty field."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import RecommendationStatus
from cchc_shared.contract.rules import RuleBroken
from tasks_api.inspections import effects
from tasks_api.inspections.domain import (
    ConclusionDraft,
    Inspection,
    Recommendation,
    RecommendationDraft,
    concluded,
    is_open,
    named_units,
)
from tests.support.tasks import Profile

AT = datetime(2024, 6, 3, 3, tzinfo=UTC)
TODAY = date(2024, 6, 3)
INSPECTION = Inspection(
    id=1, code="KT-2024-0001", inspecting_unit="a", inspected_unit="b", subject="", unannounced=True,
    planned_from=TODAY, planned_to=TODAY, planned_at=AT,
)  # fmt: skip
ISSUED = Recommendation(
    id=1, code="KT-2024-0001.1.1", inspection="KT-2024-0001", conclusion=1, number=1, text="", responsible_unit="b",
    inspecting_unit="a", inspected_unit="b", issued_at=AT, due_on=date(2024, 6, 30),
    due_at=datetime(2024, 6, 30, 17, tzinfo=UTC),
)  # fmt: skip
days = st.none() | st.dates(TODAY - timedelta(days=1), TODAY + timedelta(days=4))
units = st.none() | st.sampled_from(["a", "b", "c"])
drafts = st.lists(
    st.builds(
        ConclusionDraft,
        number=st.integers(1, 4),
        text=st.just("Kết luận"),
        responsible_unit=units,
        due_on=days,
        recommendations=st.lists(
            st.builds(
                RecommendationDraft,
                number=st.integers(1, 4),
                text=st.just("Việc"),
                responsible_unit=units,
                due_on=days,
            ),
            max_size=3,
        ).map(tuple),
    ),
    min_size=1,
    max_size=3,
)


@given(drafts)
def test_what_is_taken_is_a_tree_and_what_is_refused_names_its_field(
    profile: Profile, given: list[ConclusionDraft]
) -> None:
    field: str | None = None
    try:
        found = concluded(INSPECTION, given, count(1), AT, profile.calendar)
    except RuleBroken as refused:
        field = refused.field
    if field is not None:
        assert faulty(given, field)
        return
    assert len(found.conclusions) == len(given)
    assert len({each.code for each in found.recommendations}) == sum(len(each.recommendations) for each in given)
    assert [each for one in found.conclusions for each in found.below(one)] == list(found.recommendations)
    for conclusion in found.conclusions:
        below = found.below(conclusion)
        assert is_open(below) == bool(below), "nothing is done yet, and without anything to do it is closed"
        assert conclusion.responsible_unit
        for each in below:
            assert each.code == f"KT-2024-0001.{conclusion.number}.{each.number}"
            assert TODAY <= each.due_on <= (conclusion.due_on or date.max)
            assert each.due_at == profile.calendar.end_of_day(each.due_on)


def faulty(given: list[ConclusionDraft], field: str) -> bool:
    """Whether the field is there and breaks a rule, seen from the field alone."""
    words = field.split(".")
    conclusion = given[int(words[1])]
    if len(words) == 3:
        others = [each.number for each in given[: int(words[1])]]
        due_on, numbered = conclusion.due_on, conclusion.number in others
        late = due_on is not None and (due_on < TODAY or not conclusion.recommendations)
    else:
        below = conclusion.recommendations[int(words[3])]
        numbered = below.number in [each.number for each in conclusion.recommendations[: int(words[3])]]
        due_on = below.due_on or conclusion.due_on
        late = due_on is None or due_on < TODAY or due_on > (conclusion.due_on or date.max)
    return numbered if words[-1] == "number" else late


@given(st.lists(st.sampled_from(RecommendationStatus), max_size=8))
def test_a_conclusion_is_open_exactly_while_a_recommendation_is(statuses: list[RecommendationStatus]) -> None:
    below = [recommendation(status=each) for each in statuses]
    done = statuses.count(RecommendationStatus.DONE)
    still_open = sum(each.open for each in below)
    assert done + still_open == len(below)
    assert is_open(below) == (still_open > 0)


def test_every_unit_that_is_named_is_found() -> None:
    below = RecommendationDraft(number=1, text="", responsible_unit="y")
    given = [ConclusionDraft(number=1, text="", responsible_unit="x", recommendations=(below,))]
    assert dict(named_units(given)) == {
        "conclusions.0.responsible_unit": "x",
        "conclusions.0.recommendations.0.responsible_unit": "y",
    }


@pytest.mark.parametrize("late", [timedelta(), timedelta(microseconds=-1)])
def test_late_begins_with_the_due_instant(late: timedelta) -> None:
    due_at = recommendation().due_at
    done = recommendation(status=RecommendationStatus.DONE, done_at=due_at + late)
    assert (recommendation().overdue(due_at + late), done.done_late) == (not late, not late)
    assert not done.overdue(due_at)


def test_an_event_names_no_unit_before_the_inspection_is_revealed() -> None:
    hidden = effects.plan(INSPECTION).event
    revealed = effects.plan(msgspec.structs.replace(INSPECTION, revealed_at=AT)).event
    assert hidden is not None
    assert revealed is not None
    told = {name for name, value in msgspec.structs.asdict(hidden).items() if value is not None}
    assert told == {"code", "status"}
    assert msgspec.structs.asdict(revealed)["inspected_unit"] == "b"


def recommendation(**more: object) -> Recommendation:
    return msgspec.structs.replace(ISSUED, **more)

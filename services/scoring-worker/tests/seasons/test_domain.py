"""The stage of a season, its dates, and which points hold: without a server."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from scoring_worker.seasons.domain import (
    DATES,
    GIVING,
    UNTIL,
    Entry,
    Stage,
    Step,
    code_of,
    faults_of_changes,
    faults_of_dates,
    is_asked,
    is_finding,
    is_pending,
    newest,
    points_given,
    repeated,
    stage,
)
from scoring_worker.seasons.domain import given as given_points
from tests.support.seasons import NOW, WEEK
from tests.support.seasons import known_season as season

HOUR = timedelta(hours=1)
INSTANTS = st.integers(-10, 80).map(lambda days: NOW + timedelta(days=days))


def entry(step: Step, number: int, points: int | None = None, **details: object) -> Entry:
    return Entry(
        id=number, unit="A", criterion="1", step=step, points=None if points is None else Decimal(points),
        details=dict(details), actor="x", role="officer", actor_unit=None, at=NOW,
    )  # fmt: skip


def test_each_date_is_the_first_instant_that_is_too_late() -> None:
    for (present, name), following in zip(UNTIL.items(), [*list(UNTIL)[1:], Stage.CONCLUDED], strict=True):
        until = getattr(season(), name)
        assert stage(season(), until - datetime.resolution) is present
        assert stage(season(), until) is following


@given(INSTANTS, INSTANTS)
def test_time_only_leads_on(one: datetime, other: datetime) -> None:
    order = [*UNTIL, Stage.CONCLUDED]
    earlier, later = sorted((one, other))
    assert order.index(stage(season(), earlier)) <= order.index(stage(season(), later))


@given(INSTANTS)
def test_what_was_done_goes_before_the_dates(now: datetime) -> None:
    published = season(published_at=NOW)
    assert stage(published, now) is (Stage.PUBLISHED if now < published.objections_until else Stage.FINAL)
    assert stage(season(published_at=NOW, cancelled_at=NOW), now) is Stage.CANCELLED
    assert season().at(now).status is stage(season(), now)


@given(st.lists(INSTANTS, min_size=len(DATES), max_size=len(DATES)))
def test_dates_are_in_order_and_ahead(given_dates: list[datetime]) -> None:
    dates = dict(zip(DATES, given_dates, strict=True))
    fine = given_dates[0] > NOW and all(one < other for one, other in pairwise(given_dates))
    assert (faults_of_dates(dates, NOW) == []) == fine


@given(INSTANTS, st.dictionaries(st.sampled_from(DATES), INSTANTS, min_size=1))
def test_a_change_of_dates_opens_no_stage_again(now: datetime, changes: dict[str, datetime]) -> None:
    if faults_of_changes(season(), changes, now):
        return
    after = replace(season(), **changes)
    assert all(one < other for one, other in pairwise(after.dates.values()))
    assert stage(after, now) is stage(season(), now)
    for name, until in changes.items():
        assert until > now
        assert name == "objections_until" or getattr(season(), name) > now


def test_every_fault_of_a_change_is_named() -> None:
    now = NOW + WEEK * 2
    changes = {"self_scores_until": now + HOUR, "appraisal_2_until": now - HOUR, "explanations_until": now}
    assert {fault.field for fault in faults_of_changes(season(), changes, now)} == set(changes)


@given(st.permutations(range(len(GIVING))), st.sets(st.sampled_from(GIVING)))
def test_the_last_step_that_gave_points_holds_whatever_the_order(order: list[int], steps: set[Step]) -> None:
    made = [entry(GIVING[place], place, place) for place in order if GIVING[place] in steps]
    of = newest(made).get("A", {}).get("1", {})
    expected = max((GIVING.index(step) for step in steps), default=None)
    points, origin = points_given(of)
    assert points == expected
    assert origin == ("calculated" if expected is None else GIVING[expected])


def test_an_entry_without_points_leaves_those_before() -> None:
    of = newest([entry(Step.SELF_SCORE, 1, 5), entry(Step.APPRAISAL_1, 2, explain=True)])["A"]["1"]
    assert points_given(of) == (Decimal(5), "self_score")
    assert is_asked(of)
    assert not is_asked({})


def test_an_objection_waits_until_it_is_answered() -> None:
    made = [entry(Step.OBJECTION, 1), entry(Step.RULING, 2), entry(Step.OBJECTION, 3)]
    assert [is_pending(newest(made[:count])["A"]["1"]) for count in (1, 2, 3)] == [True, False, True]
    assert not is_pending({})


def test_findings_are_below_the_bound_and_were_scored() -> None:
    half, ten = Decimal("0.5"), Decimal(10)
    found = [is_finding(points, ten, half) for points in (Decimal("4.99"), Decimal(5), None)]
    assert found == [True, False, False]
    assert not is_finding(Decimal(0), ten, None)
    assert not is_finding(Decimal(0), Decimal(0), half)


def test_nobody_appraises_their_own_unit() -> None:
    assert season().appraiser("1", "so-y-te") == "so-noi-vu"
    assert season().appraiser("1", "so-noi-vu") is None
    assert season().appraiser("2", "so-y-te") is None


def test_rules_are_reckoned_live_until_the_council_is_done() -> None:
    until = season().council_until
    assert season().counted_at(until - datetime.resolution) is None
    assert season().counted_at(until) == until - datetime.resolution
    assert season(owner="x").unit == "x"
    assert season().unit == ""
    assert code_of(7, 2026) == "DC-2026-000007"


def test_points_of_a_unit_are_those_that_somebody_gave() -> None:
    of = newest([entry(Step.SELF_SCORE, 1, 5), entry(Step.EXPLANATION, 2)])["A"]
    assert given_points(of) == {"1": Decimal(5)}
    assert given_points({"1": {}}) == {}
    assert repeated(["a", "b", "a", "a"]) == [2, 3]

"""The rules document, routing and the two clocks: no I/O but reading the city's files."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import FeedbackKind, Severity
from feedback_api.clocks.domain import Clock, ClockState, Deadlines, Timing
from feedback_api.directory.domain import Unit, Units
from feedback_api.routing.domain import Router, UnknownUnit
from feedback_api.rules import FeedbackRules, NoRuleInForce

from .conftest import CENTRE, ENDED, HOME_AFFAIRS, OFFICE, PROFILE, UNITS

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
rules = FeedbackRules.load(PROFILE / "feedback_rules.yaml")
calendar = WorkingCalendar.load(PROFILE / "calendar.yaml")
deadlines = Deadlines(rules, calendar)
units = Units(Unit(code, since, until) for code, since, until in UNITS)

instants = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract
timings = st.builds(Timing, st.sampled_from(FeedbackKind), st.sampled_from(Severity), instants)


def hanoi(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def test_urgent_is_four_working_hours_from_acceptance() -> None:
    received = Timing(FeedbackKind.ON_SITE, Severity.URGENT, hanoi("2026-11-18 09:00"))
    assert deadlines.of_new(received) == (hanoi("2026-11-19 09:00"), hanoi("2026-11-19 14:30"))
    accepted = Timing(FeedbackKind.ON_SITE, Severity.URGENT, received.received_at, hanoi("2026-11-18 10:00"))
    assert deadlines.resolve_due_at(accepted) == hanoi("2026-11-18 15:30")


def test_procedure_is_fifteen_working_days_from_receipt_or_the_last_transfer() -> None:
    received = Timing(FeedbackKind.PROCEDURE, Severity.NORMAL, hanoi("2026-11-18 06:30"))
    assert deadlines.of_new(received)[1] == hanoi("2026-12-09 17:30")
    moved = Timing(
        FeedbackKind.PROCEDURE, Severity.NORMAL, received.received_at, transferred_at=hanoi("2026-11-19 09:00")
    )
    assert deadlines.resolve_due_at(moved) == hanoi("2026-12-10 17:30")


def test_a_report_before_every_rule_has_none() -> None:
    with pytest.raises(NoRuleInForce):
        deadlines.of_new(Timing(FeedbackKind.PROCEDURE, Severity.NORMAL, hanoi("1999-12-31 09:00")))


@given(timings, st.timedeltas(timedelta(), timedelta(days=30)))
def test_deadlines_follow_receipt_and_acceptance_never_shortens_an_unbegun_clock(
    timing: Timing, until_accepted: timedelta
) -> None:
    accept_due_at, resolve_due_at = deadlines.of_new(timing)
    assert timing.received_at <= accept_due_at
    assert timing.received_at < resolve_due_at
    accepted_at = timing.received_at + until_accepted
    after = deadlines.resolve_due_at(Timing(timing.kind, timing.severity, timing.received_at, accepted_at))
    in_time = accepted_at <= accept_due_at
    assert (after <= resolve_due_at) if in_time else (after >= resolve_due_at)


@given(instants, st.one_of(st.none(), instants), instants)
def test_a_clock_is_in_time_up_to_its_due_instant(due_at: datetime, stopped_at: datetime | None, now: datetime) -> None:
    state = Clock(due_at - timedelta(hours=1), due_at, stopped_at).state(now)
    if stopped_at is not None:
        assert state == (ClockState.MET if stopped_at <= due_at else ClockState.MISSED)
    else:
        assert state == (ClockState.RUNNING if now <= due_at else ClockState.OVERDUE)


def test_a_clock_that_has_not_begun_waits() -> None:
    due_at = hanoi("2026-11-18 10:00")
    assert Clock(None, due_at, None).state(due_at) == ClockState.WAITING
    assert Clock(None, due_at, None).state(due_at + timedelta(seconds=1)) == ClockState.OVERDUE


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [
        (FeedbackKind.PROCEDURE, date(2026, 11, 18), CENTRE),
        (FeedbackKind.ON_SITE, date(2026, 11, 18), CENTRE),
        (FeedbackKind.CONDUCT, date(2025, 2, 28), OFFICE),  # the centre does not exist yet
        (FeedbackKind.VOTER_PETITION, date(2026, 11, 18), OFFICE),
    ],
)
def test_routing_on_a_day(kind: FeedbackKind, day: date, expected: str) -> None:
    routed = Router(rules).route(units, kind, Severity.NORMAL, day)
    assert routed.unit == expected
    trace = msgspec.json.decode(routed.trace)
    assert trace["by"] == "rule"
    assert trace["version"] == rules.version


def test_the_sender_may_name_a_unit_that_exists_that_day() -> None:
    router = Router(rules)
    routed = router.route(units, FeedbackKind.CONDUCT, Severity.NORMAL, date(2026, 11, 18), HOME_AFFAIRS)
    assert (routed.unit, msgspec.json.decode(routed.trace)) == (HOME_AFFAIRS, {"by": "sender"})
    assert router.route(units, FeedbackKind.CONDUCT, Severity.NORMAL, date(2025, 6, 30), ENDED).unit == ENDED
    with pytest.raises(UnknownUnit):
        router.route(units, FeedbackKind.CONDUCT, Severity.NORMAL, date(2025, 7, 1), ENDED)


def test_without_a_desk_nothing_is_routed() -> None:
    with pytest.raises(NoRuleInForce):
        Router(rules).route(Units(()), FeedbackKind.CONDUCT, Severity.NORMAL, date(2026, 11, 18))


def _document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((PROFILE / "feedback_rules.yaml").read_text("utf-8"))
    return loaded


def _without(document: dict[str, Any], section: str, entry: str) -> None:
    document[section] = [rule for rule in document[section] if rule["id"] != entry]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: _without(document, "resolution", "normal-default"),
        lambda document: _without(document, "acceptance", "acceptance-default"),
        lambda document: _without(document, "routing", "city-office"),
        lambda document: document["acceptance"][0].update(counts_from="accepted"),
        lambda document: document["resolution"][0].update(working_days=3),
        lambda document: document["resolution"][0].update(working_hours=0),
        lambda document: document["resolution"][0].update(surprise=1),
        lambda document: document["resolution"][0].update(kinds=["gossip"]),
    ],
)
def test_a_faulty_document_is_refused(spoil: Any) -> None:
    document = _document()
    spoil(document)
    with pytest.raises(ValueError):  # noqa: PT011 - each fault has its own words
        msgspec.convert(document, FeedbackRules)


def test_unverified_rules_say_so() -> None:
    for entry in (*rules.acceptance, *rules.resolution, *rules.routing):
        assert (entry.status == "R") == ("unofficial" in entry.source)

"""Deadlines and clocks: no I/O but reading the city's files."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Channel, FeedbackKind, Severity
from feedback_api import rulebook
from feedback_api.deadlines.domain import ClockState, DeadlineClock, Deadlines, Timing
from feedback_api.deadlines.rules import DeadlineRules
from feedback_api.rulebook import Matter, NoRuleInForce

from ..conftest import PROFILE

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
calendar = WorkingCalendar.load(PROFILE)
deadlines = Deadlines(rulebook.load(PROFILE, DeadlineRules), calendar)

instants = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract
matters = st.builds(Matter, st.sampled_from(Channel), st.sampled_from(FeedbackKind), st.sampled_from(Severity))
timings = st.builds(Timing, matters, instants)


def hanoi(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def test_urgent_is_four_working_hours_from_acceptance() -> None:
    received = Timing(Matter(Channel.IHANOI, FeedbackKind.ON_SITE, Severity.URGENT), hanoi("2026-11-18 09:00"))
    assert deadlines.of_new(received) == (hanoi("2026-11-19 09:00"), hanoi("2026-11-19 14:30"))
    accepted = Timing(
        Matter(Channel.IHANOI, FeedbackKind.ON_SITE, Severity.URGENT), received.received_at, hanoi("2026-11-18 10:00")
    )
    assert deadlines.of(accepted).resolve_due_at == hanoi("2026-11-18 15:30")


def test_who_accepts_too_late_gains_no_time_by_it() -> None:
    matter, received_at = Matter(Channel.IHANOI, FeedbackKind.ON_SITE, Severity.URGENT), hanoi("2026-11-18 09:00")
    latest = deadlines.of_new(Timing(matter, received_at))[1]
    for accepted_at in (hanoi("2026-11-19 09:00"), hanoi("2026-11-20 16:00")):
        timing = Timing(matter, received_at, accepted_at, held_since=received_at, own_accepted_at=accepted_at)
        due = deadlines.of(timing)
        assert due.resolve_due_at == due.own_resolve_due_at == latest
        assert deadlines.resolution_starts(timing) == (hanoi("2026-11-19 09:00"), hanoi("2026-11-19 09:00"))


def test_before_acceptance_resolution_counts_from_its_last_moment() -> None:
    """As long as nothing happened a deadline asked for again is the one given at receipt."""
    for kind in FeedbackKind:
        for severity in Severity:
            received = Timing(Matter(Channel.IHANOI, kind, severity), hanoi("2026-11-18 09:00"))
            assert deadlines.of(received).resolve_due_at == deadlines.of_new(received)[1]


def test_where_a_rule_counts_from_receipt_nothing_else_moves_the_deadline() -> None:
    rules = rulebook.load(PROFILE, DeadlineRules)
    from_receipt = replace(rules, resolution=tuple(replace(each, counts_from="received") for each in rules.resolution))
    received_at = hanoi("2026-11-18 09:00")
    timing = Timing(
        Matter(Channel.IHANOI, FeedbackKind.ON_SITE, Severity.URGENT),
        received_at,
        hanoi("2026-11-19 09:00"),
        received_at,
    )
    counted = Deadlines(from_receipt, calendar)
    assert counted.resolution_starts(timing)[0] == received_at
    assert counted.of(timing).resolve_due_at == hanoi("2026-11-18 14:30")


def test_procedure_is_fifteen_working_days_from_receipt_or_the_last_transfer() -> None:
    received = Timing(Matter(Channel.IHANOI, FeedbackKind.PROCEDURE, Severity.NORMAL), hanoi("2026-11-18 06:30"))
    assert deadlines.of_new(received)[1] == hanoi("2026-12-10 17:30")
    moved = Timing(
        Matter(Channel.IHANOI, FeedbackKind.PROCEDURE, Severity.NORMAL),
        received.received_at,
        transferred_at=hanoi("2026-11-19 09:00"),
    )
    assert deadlines.of(moved).resolve_due_at == hanoi("2026-12-11 17:30")


@pytest.mark.parametrize(
    ("channel", "acceptance", "urgent", "procedure"),
    [
        (Channel.IHANOI, "acceptance-qd1207", "urgent-qd1207", "procedure-default"),
        (Channel.HOTLINE, "acceptance-default", "urgent-default", "procedure-default"),
        (Channel.NATIONAL_PORTAL, "acceptance-default", "urgent-default", "procedure-portal"),
    ],
)
def test_a_limit_holds_on_the_channels_of_its_document(
    channel: Channel, acceptance: str, urgent: str, procedure: str
) -> None:
    at = hanoi("2026-11-18 09:00")
    on_site = Timing(Matter(channel, FeedbackKind.ON_SITE, Severity.URGENT), at)
    assert [limit.id for limit in deadlines.limits(on_site)] == [acceptance, urgent]
    paper = Timing(Matter(channel, FeedbackKind.PROCEDURE, Severity.NORMAL), at)
    assert deadlines.limits(paper)[1].id == procedure


def test_limits_in_calendar_days_end_at_midnight_of_a_working_day() -> None:
    """As in QĐ 78/2025 of Bắc Ninh: seven days from receipt, wherever it came from."""
    rules = rulebook.load(PROFILE, DeadlineRules)
    seven = replace(rules.resolution[-1], working_days=None, calendar_days=7, kinds=frozenset(FeedbackKind))
    counted = Deadlines(replace(rules, resolution=(seven,)), calendar)
    matter = Matter(Channel.IHANOI, FeedbackKind.ON_SITE, Severity.NORMAL)
    assert counted.of_new(Timing(matter, hanoi("2026-11-18 23:30")))[1] == hanoi("2026-11-26 00:00")
    assert counted.of_new(Timing(matter, hanoi("2026-11-17 09:00")))[1] == hanoi("2026-11-26 00:00"), "24/11 is off"
    assert counted.of_new(Timing(matter, hanoi("2026-11-14 09:00")))[1] == hanoi("2026-11-24 00:00"), "a Saturday"


def test_a_report_before_every_rule_has_none() -> None:
    with pytest.raises(NoRuleInForce):
        deadlines.of_new(
            Timing(Matter(Channel.IHANOI, FeedbackKind.PROCEDURE, Severity.NORMAL), hanoi("1999-12-31 09:00"))
        )


@given(timings, st.timedeltas(timedelta(), timedelta(days=30)))
def test_deadlines_follow_receipt_and_acceptance_never_shortens_an_unbegun_clock(
    timing: Timing, until_accepted: timedelta
) -> None:
    accept_due_at, resolve_due_at = deadlines.of_new(timing)
    assert timing.received_at <= accept_due_at
    assert timing.received_at < resolve_due_at
    accepted_at = timing.received_at + until_accepted
    after = deadlines.of(Timing(timing.matter, timing.received_at, accepted_at)).resolve_due_at
    in_time = accepted_at < accept_due_at
    assert (after <= resolve_due_at) if in_time else (after >= resolve_due_at)


AROUND = st.timedeltas(timedelta(microseconds=-1), timedelta(microseconds=1))


@given(instants, st.one_of(st.none(), AROUND), AROUND)
def test_a_clock_is_late_from_its_due_instant_on(due_at: datetime, stopped: timedelta | None, read: timedelta) -> None:
    stopped_at, now = None if stopped is None else due_at + stopped, due_at + read
    state = DeadlineClock(due_at - timedelta(hours=1), due_at, stopped_at).state(now)
    if stopped_at is not None:
        assert state == (ClockState.MET if stopped_at < due_at else ClockState.MISSED)
    else:
        assert state == (ClockState.RUNNING if now < due_at else ClockState.OVERDUE)


def test_a_clock_that_has_not_begun_waits() -> None:
    due_at = hanoi("2026-11-18 10:00")
    assert DeadlineClock(None, due_at, None).state(due_at - timedelta(microseconds=1)) == ClockState.WAITING
    assert DeadlineClock(None, due_at, None).state(due_at) == ClockState.OVERDUE

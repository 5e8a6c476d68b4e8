"""Events of tasks, reports and units for tests, made in one place, and whole histories of them.

`task_event("NV-1", 2)` is in order by itself; name what a test is about: `task_event("NV-1", 1, TaskAssigned,
lead_unit="STC", due_at=…)`. `task_histories()` and `report_histories()` are hypothesis strategies: lists of events of
one task or report from its beginning, versions without a gap, times that do not go back.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity, TaskStatus, UnitKind
from cchc_shared.contract.events import Event, EventData, new_event
from cchc_shared.contract.events import feedback as of_feedback
from cchc_shared.contract.events import task as of_task
from cchc_shared.contract.events.unit import UnitDefined

NOW = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
UNIT = "SNV"

TASK_PATH: Sequence[tuple[type[of_task.TaskState], TaskStatus]] = (
    (of_task.TaskAssigned, TaskStatus.NOT_STARTED),
    (of_task.TaskStarted, TaskStatus.IN_PROGRESS),
    (of_task.TaskReported, TaskStatus.REPORTED),
    (of_task.TaskReportEndorsed, TaskStatus.REPORTED),
    (of_task.TaskCompleted, TaskStatus.COMPLETED),
)
"""The way of a task to which nothing happens."""

REPORT_PATH: Sequence[tuple[type[of_feedback.FeedbackState], FeedbackStatus]] = (
    (of_feedback.FeedbackReceived, FeedbackStatus.RECEIVED),
    (of_feedback.FeedbackAssigned, FeedbackStatus.ASSIGNED),
    (of_feedback.FeedbackAccepted, FeedbackStatus.ACCEPTED),
    (of_feedback.FeedbackAnswerDrafted, FeedbackStatus.ANSWER_DRAFTED),
    (of_feedback.FeedbackAnswerApproved, FeedbackStatus.ANSWERED),
    (of_feedback.FeedbackPublished, FeedbackStatus.PUBLISHED),
)
"""The way of a report to which nothing happens."""


def event_of(data: EventData, subject: str, version: int = 1, at: datetime = NOW) -> Event:
    """An event of this data that was written down when it happened."""
    return new_event(data, subject=subject, version=version, occurred_at=at, recorded_at=at)


def task_state(code: str, at: datetime = NOW, **given: object) -> dict[str, Any]:
    """What every event of a task says, as a task assigned at that moment."""
    return {"code": code, "lead_unit": UNIT, "status": TaskStatus.IN_PROGRESS, "assigned_at": at} | given


def report_state(code: str, at: datetime = NOW, **given: object) -> dict[str, Any]:
    """What every event of a report says, as a report received at that moment."""
    return {
        "code": code,
        "channel": Channel.HOTLINE,
        "kind": FeedbackKind.ON_SITE,
        "severity": Severity.NORMAL,
        "status": FeedbackStatus.ASSIGNED,
        "unit": UNIT,
        "received_at": at,
        "accept_due_at": at + timedelta(days=1),
        "resolve_due_at": at + timedelta(days=5),
    } | given


def task_event(
    code: str,
    version: int = 1,
    kind: type[of_task.TaskState] | None = None,
    *,
    at: datetime = NOW,
    recorded_at: datetime | None = None,
    traceparent: str | None = None,
    **state: object,
) -> Event:
    """An event of the topic `tasks`; without a kind, the first is an assignment and every other a start."""
    kind = kind or (of_task.TaskAssigned if version == 1 else of_task.TaskStarted)
    given = {"status": dict(TASK_PATH).get(kind, TaskStatus.IN_PROGRESS)} | state
    return new_event(
        kind(**task_state(code, at, **given)),
        subject=code,
        version=version,
        occurred_at=at,
        recorded_at=recorded_at or at,
        traceparent=traceparent,
    )


def report_event(
    code: str,
    version: int = 1,
    kind: type[of_feedback.FeedbackState] = of_feedback.FeedbackReceived,
    *,
    at: datetime = NOW,
    recorded_at: datetime | None = None,
    traceparent: str | None = None,
    **state: object,
) -> Event:
    """An event of the topic `feedback`."""
    given = {"status": dict(REPORT_PATH).get(kind, FeedbackStatus.ASSIGNED)} | state
    return new_event(
        kind(**report_state(code, at, **given)),
        subject=code,
        version=version,
        occurred_at=at,
        recorded_at=recorded_at or at,
        traceparent=traceparent,
    )


def unit_event(code: str, version: int = 1, *, at: datetime = NOW, **unit: object) -> Event:
    """An event of the directory of units."""
    given: dict[str, Any] = {"code": code, "name": code, "kind": UnitKind.DEPARTMENT}
    return event_of(UnitDefined(**given | unit), code, version, at)


_pauses = st.timedeltas(timedelta(), timedelta(days=20))
_units = st.sampled_from(["SNV", "STC", "SYT", "P01"])


@st.composite
def task_histories(draw: st.DrawFn, code: str = "NV-1") -> list[Event]:
    """A task with or without a deadline, on its way as far as it came, now and then handed over before its report."""
    at = NOW
    due_on = draw(st.none() | st.dates(date(2024, 5, 7), date(2024, 8, 1)))
    state: dict[str, Any] = {"lead_unit": draw(_units), "assigned_at": at, "handovers": 0}
    if due_on is not None:
        # The first instant after that day in Hanoi.
        end = datetime(due_on.year, due_on.month, due_on.day, 17, tzinfo=UTC)
        state |= {"due_on": due_on, "due_at": end}
    events: list[Event] = []
    for kind, status in TASK_PATH[: draw(st.integers(1, len(TASK_PATH)))]:
        if kind is of_task.TaskReported:
            state["reported_at"] = at
        more = {"completed_at": state["reported_at"]} if kind is of_task.TaskCompleted else {}
        told = {name: value for name, value in state.items() if name != "reported_at"}
        events.append(task_event(code, len(events) + 1, kind, at=at, **told | more | {"status": status}))
        at += draw(_pauses)
        if status in {TaskStatus.NOT_STARTED, TaskStatus.IN_PROGRESS} and draw(st.integers(0, 3)) == 0:
            here, there = state["lead_unit"], draw(_units)
            state |= {"lead_unit": there, "handovers": state["handovers"] + 1}
            told = {name: value for name, value in state.items() if name != "reported_at"}
            moved = told | {"status": TaskStatus.NOT_STARTED, "from_unit": here, "to_unit": there}
            events.append(task_event(code, len(events) + 1, of_task.TaskTransferred, at=at, **moved))
            at += draw(_pauses)
    return events


@st.composite
def report_histories(draw: st.DrawFn, code: str = "PA-1") -> list[Event]:
    """A report on its way as far as it came, handed over now and then before it is accepted."""
    at = NOW
    state: dict[str, Any] = {"unit": draw(_units), "received_at": at, "handovers": 0}
    state |= {"accept_due_at": at + draw(_pauses), "resolve_due_at": at + draw(_pauses)}
    events: list[Event] = []
    for kind, status in REPORT_PATH[: draw(st.integers(1, len(REPORT_PATH)))]:
        if kind is of_feedback.FeedbackAccepted:
            state["accepted_at"] = at
        if kind is of_feedback.FeedbackAnswerApproved:
            state["answered_at"] = at
        events.append(report_event(code, len(events) + 1, kind, at=at, **state | {"status": status}))
        at += draw(_pauses)
        if kind is of_feedback.FeedbackAssigned and draw(st.booleans()):
            here, there = state["unit"], draw(_units)
            state |= {"unit": there, "handovers": state["handovers"] + 1}
            moved = state | {"status": FeedbackStatus.ASSIGNED, "from_unit": here, "to_unit": there}
            events.append(report_event(code, len(events) + 1, of_feedback.FeedbackTransferred, at=at, **moved))
            at += draw(_pauses)
    return events

"""What changes a task beside its lead's own actions: revisions, given days, heirs, parents. Without a server."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events.task import TaskRevised
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Step
from tasks_api.deadlines.domain import Trigger
from tasks_api.tasks import effects
from tasks_api.tasks.domain import Receiving, Rollup, Schedule, Task, TaskDraft, due_at
from tasks_api.units.domain import Succession
from tests.support.tasks import Profile

START = datetime(2024, 6, 3, 3, tzinfo=UTC)
DUE = date(2024, 6, 28)
LAW = Succession("so-noi-vu", date(2024, 6, 9), "so-y-te")


def task(profile: Profile, **more: object) -> Task:
    fields: dict[str, Any] = {
        "id": 1,
        "code": "KH-2024-0001.1",
        "title": "Báo cáo",
        "lead_unit": "so-noi-vu",
        "assigning_unit": "01",
        "assigned_at": START,
        "due_text": "28/6/2024",
        "due_on": DUE,
        "planned_due_on": DUE,
    }
    made = Task(**fields | more)
    return replace(made, due_at=due_at(made.due_on, profile.calendar))


def step(before: Task, at: datetime = START, **after: object) -> Step[Task]:
    return Step(before, replace(before, version=before.version + 1, **after), at)


def draft(**more: object) -> TaskDraft:
    fields: dict[str, Any] = {"title": "Báo cáo", "lead_unit": "so-noi-vu", "due_text": "28/6/2024", "due_on": DUE}
    return TaskDraft(**fields | more)


DAYS = st.dates(date(2024, 5, 1), date(2024, 9, 30))


@given(day=DAYS, ahead=st.integers(0, 60))
def test_a_revision_gives_no_day_that_has_passed_and_erases_no_lateness(
    profile: Profile, day: date, ahead: int
) -> None:
    before, at = task(profile), START + timedelta(days=ahead)
    after = effects.revise(step(before, at), draft(due_on=day, due_text="mới"), profile.calendar).after
    today = profile.calendar.local_date(at)
    assert after.due_on == (day if day >= today else DUE)
    assert after.due_at == due_at(after.due_on, profile.calendar)
    was_late = before.due_at is not None and at >= before.due_at
    assert after.late_from == (before.due_at if was_late and after.due_on != DUE else None)


def test_a_revision_names_what_it_changes(profile: Profile) -> None:
    said = draft(title="Báo cáo năm", coordinating_units=("so-noi-vu", "so-y-te"), section="I")
    change = effects.revise(step(task(profile)), said, profile.calendar)
    assert isinstance(change.event, TaskRevised)
    assert change.event.fields == ("title", "section", "coordinating_units")
    assert change.after.coordinating_units == ("so-y-te",), "the lead does not help itself"


def test_a_day_that_the_office_made_of_a_wording_stays_with_it(profile: Profile) -> None:
    extended = task(profile, due_on=date(2024, 7, 20))
    assert effects.revise(step(extended), draft(), profile.calendar).after.due_on == date(2024, 7, 20)
    undated = task(profile, due_text="sớm", planned_due_on=None)
    kept = effects.revise(step(undated), draft(due_text="sớm", due_on=None), profile.calendar).after
    assert kept.due_on == DUE
    assert effects.revise(step(undated), draft(due_text="", due_on=None), profile.calendar).after.due_on is None


def waiting(profile: Profile, days: int = 5) -> Task:
    trigger = Trigger(days=days, working=True, after="có kết quả")
    return task(profile, due_on=None, planned_due_on=None, schedule=Schedule(trigger=trigger))


def test_an_event_gives_the_day_and_a_mended_one_another(profile: Profile) -> None:
    first = effects.confirm_trigger(step(waiting(profile)), date(2024, 6, 3), profile.calendar).after
    assert first.due_on == date(2024, 6, 10)
    later = START + timedelta(days=10)
    mended = effects.confirm_trigger(step(first, later), date(2024, 6, 13), profile.calendar).after
    assert (mended.due_on, mended.late_from) == (date(2024, 6, 20), first.due_at), "what was late stays late"


@pytest.mark.parametrize(
    ("happened_on", "days"), [(date(2024, 6, 4), 5), (date(2024, 5, 2), 5), (date(2024, 6, 3), 10**7)]
)
def test_an_event_that_gives_no_day_is_refused(profile: Profile, happened_on: date, days: int) -> None:
    with pytest.raises(RuleBroken):
        effects.confirm_trigger(step(waiting(profile, days)), happened_on, profile.calendar)
    with pytest.raises(RuleBroken):
        effects.confirm_trigger(step(task(profile)), date(2024, 6, 3), profile.calendar)


@given(day=DAYS)
def test_a_day_is_set_from_today_on(profile: Profile, day: date) -> None:
    undated = task(profile, due_on=None)
    if day < profile.calendar.local_date(START):
        with pytest.raises(RuleBroken):
            effects.set_deadline(step(undated), day, profile.calendar)
    else:
        assert effects.set_deadline(step(undated), day, profile.calendar).after.due_on == day


def test_an_heir_has_time_of_its_own_and_no_hand_over(profile: Profile) -> None:
    receiving, at = Receiving(profile.calendar, 5), START + timedelta(days=30)
    before = task(profile, handovers=1, officer="an")
    heir = effects.inherit(step(before, at), LAW, None, receiving).after
    assert (heir.lead_unit, heir.former_leads, heir.handovers, heir.officer) == ("so-y-te", ("so-noi-vu",), 1, None)
    assert heir.due_on == date(2024, 7, 10)
    assert heir.late_from is None
    office = effects.inherit(step(before, at), None, LAW, receiving).after
    assert (office.lead_unit, office.assigning_unit, office.due_on) == ("so-noi-vu", "so-y-te", DUE)


@pytest.mark.parametrize(
    ("asked_for", "status"),
    [(date(2024, 6, 20), TaskStatus.IN_PROGRESS), (date(2024, 7, 20), TaskStatus.EXTENSION_REQUESTED)],
)
def test_an_heir_waits_for_no_day_that_it_has_already(profile: Profile, asked_for: date, status: TaskStatus) -> None:
    before = task(profile, status=TaskStatus.EXTENSION_REQUESTED, requested_due_on=asked_for)
    heir = effects.inherit(step(before, START + timedelta(7)), LAW, None, Receiving(profile.calendar, 5)).after
    assert (heir.status, heir.requested_due_on is None) == (status, status is TaskStatus.IN_PROGRESS)


def test_a_child_that_was_due_with_its_parent_stays_due_with_it(profile: Profile) -> None:
    parent = task(profile, due_on=date(2024, 7, 20))
    asked = task(profile, status=TaskStatus.EXTENSION_REQUESTED, requested_due_on=date(2024, 7, 1))
    child = effects.extend_with_parent(step(asked), parent, profile.calendar).after
    assert (child.due_on, child.extensions, child.status) == (date(2024, 7, 20), 0, TaskStatus.IN_PROGRESS)
    undated = task(profile, due_on=None)
    assert effects.date_with_parent(step(undated), parent, profile.calendar).after.due_on == date(2024, 7, 20)


@pytest.mark.parametrize("status", [TaskStatus.COMPLETED, TaskStatus.CLOSED, TaskStatus.IN_PROGRESS])
def test_a_parent_follows_its_children(profile: Profile, status: TaskStatus) -> None:
    ended = START if status is TaskStatus.COMPLETED else None
    change = effects.roll_up(task(profile, fanned_out=True), Rollup(status, ended), "KH-2024-0001.1.so-y-te")
    assert (change.after.status, change.after.completed_at, change.after.version) == (status, ended, 2)
    assert change.details == {"child": "KH-2024-0001.1.so-y-te"}

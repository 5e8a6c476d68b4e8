"""What one look says of a task: each step once, as of its own time, and a mail for the last of several."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tasks_api.notifications.rules import NotificationRules
from tasks_api.reminders.domain import Reminders
from tasks_api.tasks.domain import Task, due_at
from tests.support.tasks import Profile

RULES = NotificationRules.load(Path(__file__).parents[4] / "data" / "hanoi")
DUE = date(2024, 6, 28)
BEGIN = datetime(2024, 6, 1, tzinfo=UTC)


def task(profile: Profile, due_on: date | None = DUE) -> Task:
    return Task(
        id=1,
        code="NV-2024-000001",
        title="Báo cáo",
        lead_unit="so-noi-vu",
        assigning_unit="01",
        assigned_at=BEGIN,
        due_on=due_on,
        due_at=due_at(due_on, profile.calendar),
    )


@given(looks=st.lists(st.integers(0, 24 * 70), max_size=8))
def test_however_often_one_looks_each_step_is_said_once(profile: Profile, looks: list[int]) -> None:
    reminders, since, said = Reminders(RULES, profile.calendar), BEGIN, list[tuple[int | None, str, str]]()
    for hours in sorted(looks):
        now = max(since, BEGIN + timedelta(hours=hours))
        found = reminders.look(task(profile), since, now)
        said += [(each.days, each.unit, each.role) for each in found.notifications]
        assert all(since <= each.at <= now for each in found.notifications)
        assert len({each.days for each in found.notifications if each.to_mail}) <= 1, "a mail is made of the last alone"
        assert found.again is None or found.again > now
        since = now + timedelta(microseconds=1)
    assert len(set(said)) == len(said)
    whole = reminders.look(task(profile), BEGIN, since - timedelta(microseconds=1) if looks else BEGIN)
    assert sorted(said, key=str) == sorted(((e.days, e.unit, e.role) for e in whole.notifications), key=str)


def test_all_steps_are_said_in_the_end_and_then_there_is_no_more(profile: Profile) -> None:
    reminders = Reminders(RULES, profile.calendar)
    found = reminders.look(task(profile), BEGIN, BEGIN + reminders.longest_late + timedelta(days=40))
    assert {each.days for each in found.notifications} == {step.days for step in RULES.reminders}
    assert found.again is None


def test_what_has_no_day_is_nobodys_to_be_reminded_of(profile: Profile) -> None:
    found = Reminders(RULES, profile.calendar).look(task(profile, None), BEGIN, BEGIN + timedelta(days=99))
    assert (found.notifications, found.again) == ((), None)

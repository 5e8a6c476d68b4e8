"""Each kind has words in both languages, and each action of a task tells whoever comes next, or nobody."""

from datetime import UTC, date, datetime

import pytest

from cchc_shared.contract.codes import Role
from tasks_api.notifications.domain import Notification, NotificationKind, wording
from tasks_api.tasks.domain import Task
from tasks_api.tasks.notifications import REVISE, notifications_of

AT = datetime(2024, 6, 3, 3, tzinfo=UTC)


def notification(kind: NotificationKind, days: int | None = None) -> Notification:
    return Notification(
        unit="u", role=Role.OFFICER, kind=kind, subject="NV-1", at=AT, due_on=date(2024, 6, 28), days=days
    )


@pytest.mark.parametrize("kind", NotificationKind)
def test_each_kind_names_what_it_is_about_and_its_last_day(kind: NotificationKind) -> None:
    text = wording(notification(kind))
    for said, day in ((text.vi, "ngày cuối 28/06/2024."), (text.en, "last day 2024-06-28.")):
        assert "`NV-1`" in said
        assert said.endswith(day)
        assert "{" not in said


def test_a_reminder_says_whether_the_day_comes_is_there_or_has_passed() -> None:
    said = [wording(notification(NotificationKind.TASK_REMINDER, days)).vi for days in (7, 1, 0, -1, -30)]
    assert [each.split("`")[2].split(",")[0].strip() for each in said] == [
        "sắp đến hạn",
        "sắp đến hạn",
        "đến hạn",
        "đã quá hạn",
        "đã quá hạn",
    ]


def test_what_a_revised_document_changes_its_lead_is_told() -> None:
    task = Task(id=1, code="NV-1", title="Việc", lead_unit="a", assigning_unit="01", assigned_at=AT)
    assert [(each.unit, each.role, each.kind) for each in notifications_of(task, REVISE, AT)] == [
        ("a", Role.UNIT_HEAD, NotificationKind.TASK_REVISED),
        ("a", Role.OFFICER, NotificationKind.TASK_REVISED),
    ]
    assert notifications_of(task, "start", AT) == []

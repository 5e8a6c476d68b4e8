"""When the lead of a task is reminded of its last day. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role
from tasks_api.notifications.domain import Addressee, Notification, NotificationKind, to_each
from tasks_api.notifications.rules import NotificationRules, Recipient, ReminderStep
from tasks_api.tasks.domain import Task
from tasks_api.tasks.notifications import lead, office


class Said(NamedTuple):
    """What one look says: notifications, and when to look again, if ever."""

    notifications: Sequence[Notification]
    again: datetime | None


class Reminders:
    """The steps of the city's rules, as instants of a day."""

    def __init__(self, rules: NotificationRules, calendar: WorkingCalendar) -> None:
        self._steps = sorted(rules.reminders, key=lambda step: -step.days)
        at = rules.reminded_at.value
        self._time_of_day = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
        self._calendar = calendar

    @property
    def longest_late(self) -> timedelta:
        """So long after the last day the last step comes."""
        return timedelta(days=max(0, *(-step.days for step in self._steps)))

    def look(self, task: Task, since: datetime, now: datetime) -> Said:
        """What is to be said of a task by now that became due since then, each step as of its own time.

        Of several steps that were missed the inbox has all, and a mail is made of the last alone.
        """
        if task.reminded_of is None:
            return Said((), None)
        steps = list(self._due(task.reminded_of))
        due = [(at, step) for at, step in steps if since <= at <= now]
        notifications = [
            notification
            for number, (at, step) in enumerate(due, 1)
            for notification in self._notifications(task, step, at, to_mail=number == len(due))
        ]
        return Said(notifications, next((at for at, _ in steps if at > now), None))

    def _due(self, due_on: date) -> Iterator[tuple[datetime, ReminderStep]]:
        for step in self._steps:
            day_before = due_on - timedelta(days=step.days + 1)
            yield self._calendar.end_of_day(day_before) + self._time_of_day, step

    def _notifications(self, task: Task, step: ReminderStep, at: datetime, *, to_mail: bool) -> Iterator[Notification]:
        to = [addressee for each in step.tell for addressee in _addressees(task, each)]
        for notification in to_each(to, NotificationKind.TASK_REMINDER, task.code, at, task.reminded_of):
            yield replace(notification, days=step.days, to_mail=to_mail)


def _addressees(task: Task, who: Recipient) -> list[Addressee]:
    if who is Recipient.ASSIGNING_UNIT:
        return office(task)
    return lead(task, Role(who))

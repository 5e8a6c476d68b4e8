"""A notification: what a unit is told, in which role, about what. Pure.

It holds codes and days, and neither names nor the words of a task. So it may leave by mail, and its wording is made
from these facts whenever it is read.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from cchc_shared.contract.codes import Role
from cchc_shared.contract.provenance import Text


class NotificationKind(StrEnum):
    TASK_ASSIGNED = "task_assigned"
    TASK_HANDED_OVER = "task_handed_over"
    TASK_REVISED = "task_revised"
    """The document that it comes from was revised."""
    TASK_URGED = "task_urged"
    TASK_REMINDER = "task_reminder"
    """The last day comes near, is there, or has passed."""
    TASK_REPORT_AWAITS_APPROVAL = "task_report_awaits_approval"
    TASK_REPORT_REJECTED = "task_report_rejected"
    TASK_EXTENSION_REQUESTED = "task_extension_requested"
    TASK_EXTENSION_GRANTED = "task_extension_granted"
    TASK_EXTENSION_DENIED = "task_extension_denied"
    TASK_DATED = "task_dated"
    TASK_CLOSE_PROPOSED = "task_close_proposed"
    TASK_COMPLETED = "task_completed"
    TASK_CLOSED = "task_closed"
    CONSULTATION_ASKED = "consultation_asked"
    CONSULTATION_SILENT = "consultation_silent"
    CONSULTATION_DEEMED_AGREED = "consultation_deemed_agreed"


class Addressee(NamedTuple):
    """Everyone who holds a role in a unit."""

    unit: str
    role: Role


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What `unit` is told in a `role`. It holds as of `at`. `due_on` is the last day of what it is about.

    `days` of a reminder: so many days before the last day, negative after it. `to_mail` is false for what a later
    notification of the same moment says better.
    """

    unit: str
    role: Role
    kind: NotificationKind
    subject: str
    at: datetime
    due_on: date | None = None
    days: int | None = None
    to_mail: bool = True

    @property
    def place(self) -> str:
        """Where what it is about is read."""
        room = "consultations" if self.kind.startswith("consultation") else "tasks"
        return f"/v1/{room}/{self.subject}"


def to_each(
    addressees: list[Addressee], kind: NotificationKind, subject: str, at: datetime, due_on: date | None
) -> list[Notification]:
    """The same notification to each of them, once."""
    return [
        Notification(unit=unit, role=role, kind=kind, subject=subject, at=at, due_on=due_on)
        for unit, role in dict.fromkeys(addressees)
    ]


def wording(notification: Notification) -> Text:
    """The notification in words, which stay true however late they are read: days of the calendar, never "today"."""
    said = (
        _reminder(notification.days or 0)
        if notification.kind is NotificationKind.TASK_REMINDER
        else _WORDS[notification.kind]
    )
    if notification.due_on is None:
        vi, en = said.vi, said.en
    else:
        vi, en = (
            f"{said.vi}, ngày cuối {notification.due_on:%d/%m/%Y}",
            f"{said.en}, last day {notification.due_on.isoformat()}",
        )
    code = f"`{notification.subject}`"
    return Text(vi.replace("{}", code) + ".", en.replace("{}", code) + ".")


def _reminder(days: int) -> Text:
    if days > 0:
        return Text("Nhiệm vụ {} sắp đến hạn", "Task {} is due soon")
    if days == 0:
        return Text("Nhiệm vụ {} đến hạn", "Task {} is due")
    return Text("Nhiệm vụ {} đã quá hạn", "Task {} is overdue")


_WORDS: Final[Mapping[NotificationKind, Text]] = {
    NotificationKind.TASK_ASSIGNED: Text("Đơn vị được giao nhiệm vụ {}", "Your unit was assigned task {}"),
    NotificationKind.TASK_HANDED_OVER: Text(
        "Nhiệm vụ {} được chuyển đến đơn vị", "Task {} was handed over to your unit"
    ),
    NotificationKind.TASK_REVISED: Text(
        "Nhiệm vụ {} được điều chỉnh theo văn bản mới", "Task {} was changed by a revised document"
    ),
    NotificationKind.TASK_URGED: Text("Nhiệm vụ {} được đôn đốc", "Task {} was urged"),
    NotificationKind.TASK_REPORT_AWAITS_APPROVAL: Text(
        "Báo cáo hoàn thành nhiệm vụ {} đang chờ duyệt", "The report on task {} awaits approval"
    ),
    NotificationKind.TASK_REPORT_REJECTED: Text(
        "Báo cáo hoàn thành nhiệm vụ {} không được duyệt", "The report on task {} was rejected"
    ),
    NotificationKind.TASK_EXTENSION_REQUESTED: Text(
        "Đề nghị gia hạn nhiệm vụ {} đang chờ quyết định", "A request for more time for task {} awaits a decision"
    ),
    NotificationKind.TASK_EXTENSION_GRANTED: Text("Nhiệm vụ {} được gia hạn", "Task {} was given more time"),
    NotificationKind.TASK_EXTENSION_DENIED: Text("Nhiệm vụ {} không được gia hạn", "Task {} was not given more time"),
    NotificationKind.TASK_DATED: Text("Thời hạn của nhiệm vụ {} đã được ấn định", "Task {} was given its deadline"),
    NotificationKind.TASK_CLOSE_PROPOSED: Text(
        "Đề xuất đóng nhiệm vụ {} đang chờ quyết định", "A proposal to close task {} awaits a decision"
    ),
    NotificationKind.TASK_COMPLETED: Text("Nhiệm vụ {} được công nhận hoàn thành", "Task {} is completed"),
    NotificationKind.TASK_CLOSED: Text("Nhiệm vụ {} đã đóng", "Task {} was closed"),
    NotificationKind.CONSULTATION_ASKED: Text(
        "Đơn vị được lấy ý kiến tại {}", "Your unit is asked for its opinion in {}"
    ),
    NotificationKind.CONSULTATION_SILENT: Text(
        "Đơn vị được lấy ý kiến tại {} không trả lời đúng hạn", "The unit asked in {} did not answer in time"
    ),
    NotificationKind.CONSULTATION_DEEMED_AGREED: Text(
        "Đơn vị được xác định đồng ý tại {} vì không trả lời đúng hạn",
        "Your unit is taken to agree in {}: it did not answer in time",
    ),
}

"""Reminders of the last days of tasks, to their leads and then to those who assigned them."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from tasks_api.notifications.rules import NotificationRules
from tasks_api.reminders.domain import Reminders
from tasks_api.reminders.timers import MISSING, REMINDING


def open_reminders(here: Context) -> Reminders:
    return Reminders(here.use(NotificationRules), here.calendar)


FEATURE = Feature(
    "reminders",
    provides={Reminders: open_reminders},
    timers=(REMINDING,),
    ticks=(MISSING,),
)

"""Notifications: what units are told, in their inboxes."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.city import City
from tasks_api.notifications.routes import router
from tasks_api.notifications.rules import NotificationRules
from tasks_api.notifications.service import Inbox
from tasks_api.notifications.timers import FORGETTING


def open_inbox(here: Context) -> Inbox:
    return Inbox(here.engine, here.reading, here.clock, City.load(here.profile))


def open_rules(here: Context) -> NotificationRules:
    return NotificationRules.load(here.profile)


FEATURE = Feature(
    "notifications",
    provides={Inbox: open_inbox, NotificationRules: open_rules},
    routers=(router,),
    ticks=(FORGETTING,),
    tags=(Tag("notifications", "Thông báo và nhắc việc · Notifications and reminders"),),
)

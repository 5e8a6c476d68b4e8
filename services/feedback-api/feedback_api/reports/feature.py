"""The keys of reports, for the features that need them, and their area of the contract."""

from typing import cast

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from feedback_api import rulebook
from feedback_api.reports.contacts import ContactCipher
from feedback_api.reports.fingerprint import Fingerprints
from feedback_api.reports.reminders import Reminders
from feedback_api.reports.rules import ReminderRules
from feedback_api.reports.secrets import TrackingSecrets
from feedback_api.settings import FeedbackSettings


def _keys(here: Context) -> list[bytes]:
    """The API's settings hold them; the worker has no such key, and opens neither."""
    return cast("FeedbackSettings", here.settings).keys


FEATURE = Feature(
    "reports",
    provides={
        ContactCipher: lambda here: ContactCipher(_keys(here)),
        Fingerprints: lambda here: Fingerprints(_keys(here)),
        Reminders: lambda here: Reminders(rulebook.load(here.profile, ReminderRules), here.calendar),
        TrackingSecrets: lambda here: TrackingSecrets(_keys(here)),
    },
    tags=(Tag("feedback", "Tiếp nhận và xử lý phản ánh, kiến nghị · Intake and handling of feedback"),),
)

"""The monthly publication of reports."""

from cchc_shared.publications.feature import publications
from cchc_shared.publications.routes import Contract
from cchc_shared.service.context import Context
from feedback_api import rulebook
from feedback_api.publications.rules import PublicationRules
from feedback_api.publications.schemas import CorrectionOut, PublicationOut
from feedback_api.publications.service import Reports
from feedback_api.publications.sheets import WORDING


def _open(here: Context) -> Reports:
    return Reports(here.calendar, rulebook.load(here.profile, PublicationRules))


FEATURE = publications(
    "feedback.publish",
    _open,
    WORDING,
    Contract(
        path=WORDING.path,
        operations="publications",
        tag="publications",
        publication=PublicationOut,
        correction=CorrectionOut,
        of_city="Gives what was published of a month: as JSON, whose bytes are hashed; as CSV (UTF-8 with a byte order "
        "mark); or as the page. `as_of` and `known_at` asked of the statistics of reports give the same figures.",
        of_unit="Gives the sheet of a unit, counted by the time that it had itself. Every unit of the month has one, "
        "with zeros if it received nothing.",
    ),
    "Công khai hằng tháng · Monthly publications",
)

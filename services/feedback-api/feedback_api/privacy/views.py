"""Personal data as they are shown."""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from cchc_shared.http.access import Principal
from feedback_api.deadlines.domain import Deadlines
from feedback_api.privacy.schemas import ContactAccess, PersonalData, Retention
from feedback_api.reports import views
from feedback_api.reports.contacts import Contact
from feedback_api.reports.domain import Feedback
from feedback_api.reports.rules import RetentionRules
from feedback_api.reports.schemas import ReporterOut


def reporter(contact: Contact | None) -> ReporterOut:
    """Contact data; all empty where the sender left none."""
    return ReporterOut.model_validate(contact or Contact())


def access(row: RowMapping, *, named: bool) -> ContactAccess:
    """An entry of the list of accesses; with the official's subject if `named`."""
    fields = dict(row)
    return ContactAccess.model_validate(fields if named else {name: fields[name] for name in fields if name != "actor"})


def personal_data(
    report: Feedback,
    sender: Principal | None,
    contact: Contact | None,
    history: Sequence[RowMapping],
    accesses: Sequence[RowMapping],
    deadlines: Deadlines,
    rules: RetentionRules,
) -> PersonalData:
    """What is kept of a report, as its sender sees it."""
    return PersonalData(
        report=views.report(report, sender, deadlines),
        sender=report.submitted_by,
        reporter=None if contact is None else reporter(contact),
        history=views.history(report, sender, history).items,
        contact_accesses=[access(row, named=False) for row in accesses],
        retention=Retention.model_validate(rules.retention),
    )

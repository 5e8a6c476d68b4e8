"""Request and response models of personal data."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from cchc_shared.contract.provenance import Provenance
from cchc_shared.http.history import HistoryItem
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Out, bounded
from feedback_api.privacy.domain import AccessAction
from feedback_api.reports.schemas import FeedbackOut, ReporterOut


class ReporterQuery(In):
    """Why contact data are asked for."""

    purpose: Annotated[str, bounded(60, min_length=1)] | None = Field(
        default=None, description="Code of a purpose from the city's list; it stands in the list of accesses"
    )


class ReporterVersion(Out):
    """Acknowledges a change of contact data, and repeats none of them."""

    code: str
    version: int = Field(description="Counts the changes of the contact data; their ETag")


class AccessQuery(In):
    cursor: Cursor = None
    limit: Limit = 50


class ContactAccess(Out):
    """One access to the contact data of a report. `actor` is shown to co-ordinator and inspectors only."""

    at: datetime
    action: AccessAction
    role: str = Field(description="Role of who did it; `sender` for the person who sent the report")
    unit: str | None = Field(description="The official's unit")
    purpose: str | None = Field(description="Code of the purpose that was given")
    actor: str | None = Field(default=None, description="Subject of the official's token")


class ContactAccessPage(Out):
    items: list[ContactAccess]
    next_cursor: str | None


class RetentionPeriod(Out):
    """How long it is kept after the last entry of a report that has ended."""

    id: str
    months: int
    source: str
    status: Provenance


class Retention(Out):
    contact: RetentionPeriod = Field(description="Of who sent the report")
    text: RetentionPeriod = Field(description="Of the words of the report and of its answer")


class PersonalData(Out):
    """All that the service keeps of one report and of who sent it. Beside it, it keeps the digest of the tracking
    secret, from which nothing can be read."""

    report: FeedbackOut
    sender: str | None = Field(description="Subject of the token with which the report was sent")
    reporter: ReporterOut | None = Field(description="Contact data, also those that are hidden from the unit")
    history: list[HistoryItem]
    contact_accesses: list[ContactAccess] = Field(
        description="The last 200 accesses to the contact data, newest first; all of them: `…/contact-accesses`"
    )
    retention: Retention


class MyDataQuery(In):
    cursor: Cursor = None
    limit: Annotated[int, Field(ge=1, le=50, description="Number of reports on a page")] = 20


class PersonalDataPage(Out):
    items: list[PersonalData]
    next_cursor: str | None

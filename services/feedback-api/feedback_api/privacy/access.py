"""Who a caller is to the contact data of a report that they may read."""

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal
from cchc_shared.http.problems import Problem
from feedback_api.privacy.domain import SENDER, Reader
from feedback_api.privacy.problems import PERSONAL_DATA_FORBIDDEN
from feedback_api.reports.access import is_sender, may_read_contact
from feedback_api.reports.domain import Feedback


def reader_of(caller: Principal | None, secret: str | None, report: Feedback) -> Reader:
    """Staff of the unit that holds the report, or its sender. Raises a 403 problem for others.

    Staff comes first: an official who holds a tracking secret too, having written the report down for somebody, is
    named in the list of accesses, and sees no anonymous sender.
    """
    if caller is not None and may_read_contact(caller, report):
        return Reader(caller.acting_as(*UNIT_STAFF) or "", caller.sub, caller.unit)
    return sender_of(caller, secret, report)


def sender_of(caller: Principal | None, secret: str | None, report: Feedback) -> Reader:
    """The person who sent the report. Raises a 403 problem for others."""
    if not is_sender(caller, secret, report):
        raise Problem(PERSONAL_DATA_FORBIDDEN)
    # An official who holds the secret is named. A citizen is not: the list of accesses is kept for ever, and whoever
    # sent a report without a token and comes back with one must not stand in it.
    named = caller is not None and caller.sub != report.submitted_by and not caller.has(Role.CITIZEN)
    return Reader(SENDER, caller.sub if caller is not None and named else None)

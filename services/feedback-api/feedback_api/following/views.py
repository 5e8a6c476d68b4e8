"""A report as everyone may know it."""

from cchc_shared.contract.screening import screened
from feedback_api.following.schemas import FollowedReport
from feedback_api.reports.domain import Feedback, seen_outside


def followed(report: Feedback, *, following: bool) -> FollowedReport:
    """How it stands; its answer only once that is published, without numbers and addresses of persons. None of its
    sender's words."""
    public = report.is_public
    return FollowedReport(
        code=report.code,
        version=report.version,
        title=screened(report.title) if public and report.title else None,
        category=report.category,
        status=seen_outside(report.status),
        unit=report.unit if public else None,
        received_at=report.received_at,
        resolve_due_at=report.resolve_due_at,
        answered_at=report.answered_at,
        published_at=report.published_at,
        answer=screened(report.answer) if public and report.answer else None,
        outcome=report.outcome if public else None,
        followers=report.followers,
        following=following,
    )

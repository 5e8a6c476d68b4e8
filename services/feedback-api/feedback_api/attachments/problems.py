"""Problems of attachments."""

from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.problems import Problem, not_found


def too_many(most: int) -> RuleBroken:
    """422: the report has as many of this side as it may have."""
    return RuleBroken("file", f"phản ánh đã có đủ {most} tệp của bên này", f"the report has {most} files of this side")


def no_attachment() -> Problem:
    """404: there is none, or the caller may not know of it."""
    return not_found("tệp đính kèm này", "this attachment")

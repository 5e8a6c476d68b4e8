"""Problems of evidence."""

from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.problems import Problem, not_found


def too_many(field: str, most: int) -> RuleBroken:
    """422: the task has as much as it may have."""
    return RuleBroken(field, f"nhiệm vụ đã có {most} tài liệu", f"the task has {most} pieces of evidence")


def no_evidence() -> Problem:
    """404: there is none, or it was taken back."""
    return not_found("tài liệu này", "this piece of evidence")

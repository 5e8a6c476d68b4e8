"""A proposal as an official sees it."""

from cchc_shared.http.access import Principal
from feedback_api.reports.access import is_official
from feedback_api.reports.domain import Feedback
from feedback_api.similar.domain import Likeness, Told, as_written
from feedback_api.similar.schemas import SimilarOut, WordsOut


def similar(found: Likeness, one: Told, report: Feedback, reader: Principal) -> SimilarOut:
    """What is told of it: words of its own only to those who may read it. The words in common stand in both."""
    readable = is_official(reader, report)
    return SimilarOut(
        code=found.code,
        score=round(found.score, 2),
        reasons=[WordsOut(vi=each.vi, en=each.en) for each in found.reasons],
        words=list(as_written(one.words, found.common)),
        category=report.category,
        status=report.status,
        unit=report.unit,
        received_at=report.received_at,
        distance_m=None if found.distance_m is None else round(found.distance_m),
        title=report.title if readable else None,
        readable=readable,
    )

"""Advice as an official reads it."""

from collections.abc import Sequence

from cchc_shared.contract.codes import Severity
from cchc_shared.contract.provenance import Text
from feedback_api.advice.domain import Marked, Suggestions
from feedback_api.advice.schemas import AdviceOut, CategorySuggested, MarkOut, RefusalSuggested, SeveritySuggested
from feedback_api.reports.domain import Feedback
from feedback_api.similar.schemas import WordsOut


def advice(report: Feedback, found: Suggestions, similar: int, marks: Sequence[Marked]) -> AdviceOut:
    """All advice on one report."""
    urgent = found.severity
    return AdviceOut(
        code=report.code,
        version=report.version,
        refusal=[
            RefusalSuggested(reason=each.code, words=list(each.words), why=_words(each.why)) for each in found.refusals
        ],
        severity=urgent
        and SeveritySuggested(severity=Severity(urgent.code), words=list(urgent.words), why=_words(urgent.why)),
        category=[CategorySuggested(code=each.code, words=list(each.words)) for each in found.categories],
        similar=similar,
        marks=[MarkOut(mark=each.mark, vi=each.said.vi, en=each.said.en) for each in marks],
    )


def _words(text: Text | None) -> WordsOut:
    return WordsOut(vi=text.vi if text else "", en=text.en if text else "")

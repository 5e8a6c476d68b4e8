"""Response models of advice."""

from pydantic import Field

from cchc_shared.contract.codes import Severity
from cchc_shared.http.schemas import Out
from feedback_api.advice.domain import Mark
from feedback_api.similar.schemas import WordsOut


class RefusalSuggested(Out):
    reason: str = Field(description="Code of a reason of `refuse`")
    words: list[str] = Field(description="The words of the report that point to it")
    why: WordsOut


class SeveritySuggested(Out):
    severity: Severity
    words: list[str]
    why: WordsOut


class CategorySuggested(Out):
    code: str
    words: list[str]


class MarkOut(Out):
    """Something that whoever approves the answer may want to look at."""

    mark: Mark
    vi: str
    en: str


class AdviceOut(Out):
    """What words point to. It decides nothing and hinders nothing; a person decides."""

    code: str
    version: int
    refusal: list[RefusalSuggested]
    severity: SeveritySuggested | None
    category: list[CategorySuggested] = Field(description="The most words first; not the one that it has")
    similar: int = Field(description="How many reports are proposed as telling the same; at most as many as are shown")
    marks: list[MarkOut] = Field(description="Of the draft, or of the answer; empty where there is none")

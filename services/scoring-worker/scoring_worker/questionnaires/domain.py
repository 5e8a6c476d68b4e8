"""A questionnaire: factors, questions with closed answers, and the sample that is asked. Nothing in it is free text."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Annotated, ClassVar, Final

from pydantic import Field

from cchc_shared.contract.provenance import Provenance
from scoring_worker.index_sets.faults import Fault
from scoring_worker.index_sets.texts import STRICT, Text

MOST_QUESTIONS: Final = 100
MOST_CELLS: Final = 500
UNANSWERED: Final = "0"
"""Stands in a ballot for a question that was left out."""
WITHIN: Final = "/"
"""Between the codes that name a cell of the sample."""

Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.-]+$")]
Heading = Annotated[str, Field(min_length=2, max_length=30, pattern=r"^[A-Z][A-Z0-9-]+$")]
Choice = Annotated[int, Field(ge=1, le=9)]
"""An answer is a digit: a ballot is one line of them."""


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its name."""

    __pydantic_config__: ClassVar = STRICT

    code: Code
    name: Text


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the answers that a question has."""

    __pydantic_config__: ClassVar = STRICT

    value: Choice
    name: Text


@dataclass(frozen=True, slots=True)
class Scale:
    """The answers of a question, and which of them say that somebody is satisfied: none, where that is not asked."""

    __pydantic_config__: ClassVar = STRICT

    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=9)]
    satisfied: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Factor:
    """What several questions are about. Its share of satisfied answers becomes the number of `indicator`."""

    __pydantic_config__: ClassVar = STRICT

    code: Code
    name: Text
    indicator: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    source: str | None = None
    status: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the answers of its scale. One without a factor is only counted."""

    __pydantic_config__: ClassVar = STRICT

    code: Code
    text: Text
    scale: Code
    factor: Code | None = None


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way in which the sample is divided, such as by area."""

    __pydantic_config__: ClassVar = STRICT

    code: Code
    name: Text
    values: Annotated[tuple[Named, ...], Field(min_length=1, max_length=MOST_CELLS)]


@dataclass(frozen=True, slots=True)
class Sample:
    """Who is asked: of each unit `quota` ballots in each cell, which is one value of every dimension."""

    __pydantic_config__: ClassVar = STRICT

    dimensions: Annotated[tuple[Dimension, ...], Field(min_length=1, max_length=5)]
    quota: Annotated[int, Field(ge=1, le=100_000)]
    source: str
    status: Provenance


@dataclass(frozen=True, slots=True)
class SmallestGroup:
    """So many ballots there must be for their answers to be shown."""

    __pydantic_config__: ClassVar = STRICT

    ballots: Annotated[int, Field(ge=2, le=1000)]
    source: str
    status: Provenance


@dataclass(frozen=True)
class Questionnaire:
    """One version of a questionnaire. `template`: no authority decided its questions, and `notice` says so."""

    __pydantic_config__: ClassVar = STRICT

    code: Heading
    version: Code
    title: Text
    source: str
    status: Provenance
    smallest_group: SmallestGroup
    sample: Sample
    scales: Annotated[dict[Code, Scale], Field(min_length=1, max_length=50)]
    factors: Annotated[tuple[Factor, ...], Field(min_length=1, max_length=20)]
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=MOST_QUESTIONS)]
    template: bool = False
    notice: Text | None = None

    @cached_property
    def cells(self) -> Mapping[str, tuple[Text, ...]]:
        """The names of each cell of the sample by its code, as `ba-vi/1/2`, in the order of the document."""
        every = product(*(dimension.values for dimension in self.sample.dimensions))
        return {WITHIN.join(each.code for each in cell): tuple(each.name for each in cell) for cell in every}

    def of(self, factor: Factor) -> list[int]:
        """The places of the questions of a factor."""
        return [place for place, question in enumerate(self.questions) if question.factor == factor.code]

    def satisfied(self, place: int) -> frozenset[str]:
        """The answers to a question, as they stand in a ballot, that say that somebody is satisfied."""
        return frozenset(map(str, self.scales[self.questions[place].scale].satisfied))


def faults(of: Questionnaire) -> Iterator[Fault]:
    """Every fault that only shows when the document is looked at as a whole."""
    if of.template and of.notice is None:
        yield Fault("notice", "bản mẫu phải nói rõ là bản mẫu", "a template must tell its readers that it is one")
    yield from _repeated("factors", [factor.code for factor in of.factors])
    yield from _repeated("factors", [factor.indicator for factor in of.factors if factor.indicator])
    yield from _repeated("questions", [question.code for question in of.questions])
    yield from _of_sample(of.sample)
    for name, scale in of.scales.items():
        values = [answer.value for answer in scale.answers]
        yield from _repeated(f"scales.{name}.answers", values)
        for value in scale.satisfied:
            if value not in values:
                yield Fault(f"scales.{name}.satisfied", f"không có câu trả lời `{value}`", f"has no answer {value}")
    for place, question in enumerate(of.questions):
        yield from _of_question(f"questions.{place}", question, of)
    for place, factor in enumerate(of.factors):
        if not of.of(factor):
            yield Fault(f"factors.{place}", "không có câu hỏi nào", "has no question")


def _of_question(path: str, question: Question, of: Questionnaire) -> Iterator[Fault]:
    scale = of.scales.get(question.scale)
    if scale is None:
        yield Fault(f"{path}.scale", f"`{question.scale}` không có trong các thang", f"{question.scale} is no scale")
    if question.factor is None:
        return
    if question.factor not in {factor.code for factor in of.factors}:
        yield Fault(
            f"{path}.factor", f"`{question.factor}` không có trong các yếu tố", f"{question.factor} is no factor"
        )
    if scale is not None and not scale.satisfied:
        vi = f"thang `{question.scale}` không nói câu trả lời nào là hài lòng"
        yield Fault(f"{path}.scale", vi, f"the scale {question.scale} does not say which answers are satisfied")


def _of_sample(sample: Sample) -> Iterator[Fault]:
    yield from _repeated("sample.dimensions", [dimension.code for dimension in sample.dimensions])
    for place, dimension in enumerate(sample.dimensions):
        yield from _repeated(f"sample.dimensions.{place}.values", [value.code for value in dimension.values])
    if (cells := prod(len(dimension.values) for dimension in sample.dimensions)) > MOST_CELLS:
        yield Fault("sample.dimensions", f"có {cells} ô, tối đa {MOST_CELLS}", f"have {cells} cells of {MOST_CELLS}")


def _repeated(path: str, values: list[str] | list[int]) -> Iterator[Fault]:
    for value, times in Counter(values).items():
        if times > 1:
            yield Fault(path, f"`{value}` có {times} lần", f"{value} stands {times} times")

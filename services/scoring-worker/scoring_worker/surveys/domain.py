"""A survey, its state, what a ballot is, and what ballots say. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import itemgetter, or_
from typing import Final, Literal, NamedTuple

import msgspec

from cchc_shared.contract.rules import RuleBroken
from scoring_worker.index_sets.indicators import FromEvents, Indicator
from scoring_worker.index_sets.reading import rounded
from scoring_worker.index_sets.texts import Text
from scoring_worker.questionnaires.domain import UNANSWERED, Questionnaire
from scoring_worker.surveys.estimates import Estimate, Sums, plain, weighted
from scoring_worker.values.domain import Entered

State = Literal["planned", "open", "closed", "withdrawn"]
Cell = tuple[str, str]
"""A unit, and a cell of the sample."""
SHARE_PLACES: Final = 6


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """One round of a questionnaire: which units it asks about, for which period, from when until when.

    `populations` are people by unit and cell, of all of them or of none. `sealed_at` is when its tokens were deleted:
    the worker wrote down that it closed, or it was withdrawn. `links`, and of a withdrawn one `ballots`, were counted
    then.
    """

    code: str
    questionnaire: str
    version: str
    period: str
    units: tuple[str, ...]
    populations: dict[str, dict[str, int]]
    opens_at: datetime
    closes_at: datetime
    sealed_at: datetime | None = None
    links: int | None = None
    links_used: int | None = None
    ballots: int | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_reason: str | None = None

    def state(self, now: datetime) -> State:
        """A function of the clock, unless it was withdrawn: whether anything ran at that time makes no difference."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "planned" if now < self.opens_at else "open" if now < self.closes_at else "closed"

    def may_be_withdrawn(self, now: datetime) -> bool:
        """Until it is over: from then on its results are seen, and nobody takes back what they do not like."""
        return self.sealed_at is None and self.state(now) in {"planned", "open"}


class Ballots(NamedTuple):
    """How many ballots of a unit and cell have just these answers, a digit for each question."""

    unit: str
    stratum: str
    answers: str
    number: int


class Result(NamedTuple):
    """What the ballots of a unit say of a factor, or of a question (`None`: the factor as a whole).

    Without `sums` there are too few ballots to show.
    """

    unit: str
    factor: str | None
    question: str | None
    name: Text
    ballots: int
    quota: int
    sums: Sums | None
    counts: dict[str, int]
    plain: Estimate | None = None
    weighted: Estimate | None = None


def ballot(answers: Mapping[str, int], of: Questionnaire) -> str:
    """The answers as a ballot. A question may be left out. Raises `RuleBroken`."""
    if unknown := answers.keys() - {question.code for question in of.questions}:
        code = min(unknown)
        raise RuleBroken(f"answers.{code}", "không có câu hỏi này trong phiếu", "is no question of the questionnaire")
    if not answers:
        raise RuleBroken("answers", "chưa trả lời câu nào", "has no answer")
    digits = []
    for question in of.questions:
        given = answers.get(question.code)
        values = [answer.value for answer in of.scales[question.scale].answers]
        if given is not None and given not in values:
            shown = ", ".join(map(str, values))
            raise RuleBroken(f"answers.{question.code}", f"phải là một trong: {shown}", f"must be one of: {shown}")
        digits.append(UNANSWERED if given is None else str(given))
    return "".join(digits)


def check_place(survey: Survey, of: Questionnaire, unit: str, stratum: str) -> None:
    """Raise `RuleBroken` if the survey does not ask about the unit, or has no such cell."""
    if unit not in survey.units:
        raise RuleBroken("unit", "không có trong đợt khảo sát này", "is not among the units of this survey")
    if stratum not in of.cells:
        raise RuleBroken("stratum", "không có ô mẫu này", "is no cell of the sample")


def check_fed(of: Questionnaire, known: Mapping[str, Indicator]) -> None:
    """Raise `RuleBroken` if a factor feeds an indicator that no index set reads as a share that a survey found."""
    for factor in of.factors:
        indicator = known.get(factor.indicator) if factor.indicator else None
        if factor.indicator and (
            indicator is None
            or isinstance(indicator, FromEvents)
            or (indicator.source, indicator.of) != ("survey", "share")
        ):
            raise RuleBroken(
                "questionnaire",
                f"yếu tố `{factor.code}` nộp số cho `{factor.indicator}`, không bộ chỉ số nào đọc là tỷ lệ từ khảo sát",
                f"feeds {factor.indicator}, which no index set reads as a share from a survey",
            )


def check_populations(units: Collection[str], of: Questionnaire, given: Sequence[tuple[str, str, int]]) -> None:
    """Raise `RuleBroken` unless people are given once for each unit and cell, or not at all."""
    wanted = {(unit, cell) for unit in units for cell in of.cells}
    times = Counter((unit, cell) for unit, cell, _ in given)
    if given and (times.keys() != wanted or max(times.values()) > 1):
        raise RuleBroken(
            "populations",
            f"phải có đúng một số dân cho từng đơn vị và ô mẫu ({len(wanted)} dòng), hoặc không có dòng nào",
            f"must name each unit and cell once ({len(wanted)} rows), or none",
        )


def results(survey: Survey, of: Questionnaire, unit: str, ballots: Collection[Ballots]) -> Iterator[Result]:
    """What the ballots of a unit say: each factor, then its questions; at last the questions without a factor.

    A group below the smallest is not shown. Nor are single questions of a factor of which one is: what is left out
    could be reckoned from the others and the whole.
    """
    smallest = of.smallest_group.ballots
    people = survey.populations.get(unit)
    number, quota = sum(each.number for each in ballots), of.sample.quota * len(of.cells)
    asked = [_patterns([place], ballots) for place in range(len(of.questions))]
    answering = [sum(_counts(patterns).values()) for patterns in asked]

    def result(factor: str | None, question: str | None, name: Text, places: list[int], *, shown: bool) -> Result:
        patterns = _patterns(places, ballots) if question is None else asked[places[0]]
        sums_of = {cell: _sums(places, of, patterns.get(cell, Counter())) for cell in of.cells}
        sums = reduce(or_, sums_of.values())
        if not shown or sums.answering < smallest:
            return Result(unit, factor, question, name, number, quota, None, {})
        counts = {} if question is None else _counts(patterns)
        if factor is None:  # nobody is asked for satisfaction
            return Result(unit, factor, question, name, number, quota, sums, counts)
        by_weight = weighted([(sums, people[cell]) for cell, sums in sums_of.items()]) if people else None
        return Result(unit, factor, question, name, number, quota, sums, counts, plain(sums), by_weight)

    for factor in of.factors:
        places = of.of(factor)
        yield result(factor.code, None, factor.name, places, shown=True)
        whole = all(answering[place] >= smallest for place in places)
        for place in places:
            yield result(factor.code, of.questions[place].code, of.questions[place].text, [place], shown=whole)
    for place, question in enumerate(of.questions):
        if question.factor is None:
            yield result(None, question.code, question.text, [place], shown=True)


def all_results(survey: Survey, of: Questionnaire, units: Iterable[str], ballots: Iterable[Ballots]) -> list[Result]:
    """Those of some units, one unit after the other."""
    by_unit: defaultdict[str, list[Ballots]] = defaultdict(list)
    for each in ballots:
        by_unit[each.unit].append(each)
    return [row for unit in units for row in results(survey, of, unit, by_unit[unit])]


def rows_of_unit(of: Questionnaire) -> int:
    """How many results each unit has."""
    return len(of.factors) + len(of.questions)


def entered(survey: Survey, of: Questionnaire, ballots: Iterable[Ballots]) -> list[Entered]:
    """The numbers that the survey gives to indicators: satisfied answers of all answers, for each unit and factor.

    Where people were given, it is the weighted share instead: the plain one says more of cells with more ballots for
    each of their people. Groups below the smallest give nothing, as every number of a score is shown.
    """
    feeds = {factor.code: factor.indicator for factor in of.factors if factor.indicator}
    return [
        _number(survey, feeds[one.factor], one, one.sums)
        for one in all_results(survey, of, survey.units, ballots)
        if one.question is None and one.factor in feeds and one.sums is not None
    ]


def _number(survey: Survey, indicator: str, of: Result, sums: Sums) -> Entered:
    said = f"khảo sát {survey.code}: {sums.answering} phiếu"
    if of.weighted is not None:
        share = rounded(Fraction(of.weighted.share), SHARE_PLACES)
        return Entered(of.unit, survey.period, indicator, value=share, evidence=f"{said}, có quyền số theo số dân")
    return Entered(of.unit, survey.period, indicator, Decimal(sums.y), Decimal(sums.x), evidence=said)


def _patterns(places: list[int], ballots: Iterable[Ballots]) -> dict[str, Counter[Sequence[str]]]:
    """How many ballots of each cell give the same answers to some questions: many ballots, few patterns."""
    pick = itemgetter(*places)
    found: defaultdict[str, Counter[Sequence[str]]] = defaultdict(Counter)
    for _, stratum, line, number in ballots:
        found[stratum][pick(line)] += number
    return found


def _sums(places: list[int], of: Questionnaire, patterns: Mapping[Sequence[str], int]) -> Sums:
    satisfied = [of.satisfied(place) for place in places]
    return Sums.of(
        (
            sum(given != UNANSWERED for given in pattern),
            sum(given in good for given, good in zip(pattern, satisfied, strict=True)),
            number,
        )
        for pattern, number in patterns.items()
    )


def _counts(patterns: Mapping[str, Counter[Sequence[str]]]) -> dict[str, int]:
    """How often each answer to a question was given, of all cells."""
    counts = Counter[str]()
    for of_cell in patterns.values():
        for answer, number in of_cell.items():
            counts["".join(answer)] += number
    del counts[UNANSWERED]
    return dict(sorted(counts.items()))

"""What may be entered on a unit's card. Pure: every fault of a request is named at once."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from cchc_shared.contract.provenance import Text
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.index_sets.indicators import FromEvents
from scoring_worker.seasons.domain import NOTHING, ByCriterion, Fault, Newest, Step, is_asked, is_pending

BY_HAND: Final = frozenset({Step.SELF_SCORE, Step.APPRAISAL_1, Step.APPRAISAL_2, Step.COUNCIL})
"""Steps in which people give points; not where a survey does."""


class Place(NamedTuple):
    """A criterion as it is for a unit. `points` are those that hold, `places` the decimals that points may have."""

    field: str
    max: Decimal
    points: Decimal | None
    places: int
    applies: bool
    is_surveyed: bool
    is_finding: bool
    is_mine: bool
    """Whether it is the caller's to appraise."""


class Item(NamedTuple):
    """What is to be entered of a criterion."""

    criterion: str
    points: Decimal | None
    details: Mapping[str, Any]


def surveyed(index_set: IndexSet) -> set[str]:
    """The criteria whose numbers come from surveys alone: nobody gives points by hand for what people answered."""
    return {
        leaf.code for leaf in index_set.leaves() if all(_is_survey(index_set, code) for code in leaf.named.values())
    }


def _is_survey(index_set: IndexSet, code: str) -> bool:
    indicator = index_set.indicators[code]
    return not isinstance(indicator, FromEvents) and indicator.source == "survey"


def faults(step: Step, items: Sequence[Item], places: Mapping[str, Place], said: ByCriterion) -> list[Fault]:
    """Everything that is wrong with what is to be entered."""
    found: list[Fault] = []
    seen: set[str] = set()
    for number, item in enumerate(items):
        place = places.get(item.criterion)
        wrong = list(_of_criterion(step, item, place, seen))
        if place is not None and not wrong:
            wrong = [*_of_points(item, place), *_OF_STEP[step](item, place, said.get(item.criterion, NOTHING))]
        seen.add(item.criterion)
        found += [Fault(f"items.{number}.{field}", words) for field, words in wrong]
    return found


Wrong = Iterator[tuple[str, Text]]
"""The field of an item, and what is wrong with it."""


def _of_criterion(step: Step, item: Item, place: Place | None, seen: Collection[str]) -> Wrong:
    if place is None:
        yield "criterion", Text("không phải tiêu chí được chấm của bộ chỉ số", "is no scored criterion of the set")
    elif item.criterion in seen:
        yield "criterion", Text("đã có ở trên", "stands above already")
    elif not place.applies:
        yield "criterion", Text("không áp dụng cho đơn vị này", "does not apply to this unit")
    elif step in BY_HAND and place.is_surveyed:
        yield "criterion", Text("do khảo sát quyết định, không chấm", "is decided by a survey and not by hand")
    elif step in {Step.APPRAISAL_1, Step.APPRAISAL_2} and not place.is_mine:
        yield "criterion", Text("lĩnh vực này do nơi khác thẩm định", "is of a field that others appraise")


def _of_points(item: Item, place: Place) -> Wrong:
    if item.points is None:
        return
    if item.points > place.max:
        most = format(place.max, "f")
        yield "points", Text(f"không lớn hơn điểm tối đa {most}", f"must not be above the maximum, {most}")
    if item.points != round(item.points, place.places):
        vi, en = f"tối đa {place.places} chữ số thập phân", f"has more than {place.places} decimal places"
        yield "points", Text(vi, en)


_REMARK: Final = Text("phải nêu lý do", "must say why")


def _of_self_score(item: Item, place: Place, said: Newest) -> Wrong:
    if not item.details.get("evidence") and not item.details.get("calculation"):
        vi, en = "phải có tài liệu kiểm chứng hoặc cách tính", "needs evidence, or a written calculation"
        yield "evidence", Text(vi, en)


def _of_appraisal_1(item: Item, place: Place, said: Newest) -> Wrong:
    explain = bool(item.details.get("explain"))
    if item.details.get("accepted") is not None:
        yield "accepted", Text("chỉ dùng ở lần thẩm định thứ hai", "belongs to the second appraisal")
    if item.points is None and not explain:
        yield (
            "points",
            Text("phải có điểm, hoặc yêu cầu giải trình", "is required, or an explanation is to be asked for"),
        )
    if not item.details.get("remark") and (explain or item.points != place.points):
        yield "remark", _REMARK


def _of_appraisal_2(item: Item, place: Place, said: Newest) -> Wrong:
    accepted = item.details.get("accepted")
    if item.details.get("explain"):
        yield "explain", Text("chỉ dùng ở lần thẩm định thứ nhất", "belongs to the first appraisal")
    if not is_asked(said) and accepted is not None:
        yield "accepted", Text("không có yêu cầu giải trình", "no explanation was asked for")
    if is_asked(said) and accepted is None:
        yield (
            "accepted",
            Text("phải nêu chấp nhận giải trình hay không", "must say whether the explanation is accepted"),
        )
    if item.points is None and accepted is not False:
        yield "points", Text("là trường bắt buộc", "is required")
    if not item.details.get("remark") and (accepted is False or item.points != place.points):
        yield "remark", _REMARK


def _of_explanation(item: Item, place: Place, said: Newest) -> Wrong:
    if not is_asked(said):
        yield "criterion", Text("không có yêu cầu giải trình", "no explanation was asked for")


def _of_ruling(item: Item, place: Place, said: Newest) -> Wrong:
    upheld = bool(item.details.get("upheld"))
    if not is_pending(said):
        yield "criterion", Text("không có phản hồi nào đang chờ", "no objection is waiting")
    if upheld and (item.points is None or item.points == place.points):
        yield "points", Text("phải là điểm mới", "must be other points than before")
    if not upheld and item.points is not None:
        yield "points", Text("không kèm điểm khi bác phản hồi", "are not given with an objection that is rejected")


def _of_finding(item: Item, place: Place, said: Newest) -> Wrong:
    if not place.is_finding:
        yield "criterion", Text("không thuộc diện phải khắc phục", "is no finding")


def _nothing_more(item: Item, place: Place, said: Newest) -> Wrong:
    yield from ()


_OF_STEP: Final[Mapping[Step, Callable[[Item, Place, Newest], Wrong]]] = {
    Step.SELF_SCORE: _of_self_score,
    Step.APPRAISAL_1: _of_appraisal_1,
    Step.EXPLANATION: _of_explanation,
    Step.APPRAISAL_2: _of_appraisal_2,
    Step.COUNCIL: _nothing_more,
    Step.OBJECTION: _nothing_more,
    Step.RULING: _of_ruling,
    Step.FINDING: _of_finding,
}


def changed_since(version: int, codes: Iterable[str], said: ByCriterion) -> list[str]:
    """Those of the criteria of which somebody entered something after a version of the card: whoever enters others is
    not disturbed by it."""
    return [code for code in codes if any(entry.version > version for entry in said.get(code, NOTHING).values())]


def is_new(step: Step, item: Item, said: Newest) -> bool:
    """Whether it says anything else than what holds. What is sent again as it stands makes no entry; an objection after
    its ruling, and an answer after another objection, are new even in the same words."""
    before = said.get(step)
    if before is None or (step, item.points, dict(item.details)) != before.said:
        return True
    if step is Step.OBJECTION:
        return not is_pending(said)
    return step is Step.RULING

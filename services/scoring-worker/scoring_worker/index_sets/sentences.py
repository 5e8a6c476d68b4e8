"""How points came about, in a sentence: every number that counts stands in it, so that it can be reckoned again."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.figures import say
from scoring_worker.index_sets.reading import Reading
from scoring_worker.index_sets.texts import Text

KINDS: Final[Mapping[UnitKind, Text]] = {
    UnitKind.DEPARTMENT: Text("Sở, ban, ngành", "Departments"),
    UnitKind.DISTRICT: Text("Quận, huyện, thị xã", "Districts"),
    UnitKind.COMMUNE: Text("Xã, phường", "Communes"),
    UnitKind.SECTION: Text("Phòng, bộ phận", "Sections"),
    UnitKind.CENTRAL_AGENCY: Text("Cơ quan trung ương", "Central agencies"),
    UnitKind.SERVICE_UNIT: Text("Đơn vị sự nghiệp", "Service units"),
    UnitKind.PROVINCE: Text("Tỉnh, thành phố", "Provinces"),
}
_NONE: Final = Text("", "")
_GONE: Final = {
    "shrink": Text("điểm được rút khỏi tổng", "its points are taken out of the whole"),
    "scale": Text(
        "điểm được quy đổi cho các tiêu chí khác trong nhóm", "the others of its group are scaled up to its points"
    ),
    "share": Text(
        "điểm được chia đều cho các tiêu chí khác trong nhóm", "its points are shared among the others of its group"
    ),
    "full": Text("đơn vị được đủ điểm", "the unit is given the points"),
}
"""Where points go of what does not apply."""


def scored(formula: Text, factor: Fraction, points: Fraction, score: Decimal) -> Text:
    """ "Hồ sơ đúng hạn: 718/733 (≈ 97,95 %) × 20 điểm ≈ 19,59 điểm"; `points` are those before they were rounded."""
    scaled = say(
        " × {factor} (gồm điểm chuyển từ tiêu chí không áp dụng)",
        " × {factor} (with the points of criteria that do not apply)",
        factor=factor,
    )
    sign = "=" if points == score else "≈"
    return say(
        "{formula}{scaled} {sign} {score} điểm",
        "{formula}{scaled} {sign} {score} points",
        formula=formula,
        scaled=_NONE if factor == 1 else scaled,
        sign=sign,
        score=score,
    )


def without_data(names: Sequence[Text], instead: str, score: Decimal | None) -> Text:
    """Why there are no points, and what happens to them."""
    vi, en = "Chưa có số liệu ({names}): {then}", "There are no data ({names}): {then}"
    return say(vi, en, names=_joined(names), then=_then(instead, score))


def without_sense(of: Sequence[tuple[Text, Reading]], instead: str, score: Decimal | None) -> Text:
    """Numbers that contradict each other."""
    parts = [say("{name}: {n}/{d}", "{name}: {n}/{d}", name=name, n=each.n or 0, d=each.d or 0) for name, each in of]
    vi, en = "Số liệu mâu thuẫn ({parts}): {then}", "Numbers contradict each other ({parts}): {then}"
    return say(vi, en, parts=_joined(parts), then=_then(instead, score))


def of_nothing(names: Sequence[Text], instead: str, score: Decimal | None, *, as_missing: bool) -> Text:
    """A share of nothing, and what the set makes of it."""
    vi, en = "Mẫu số bằng 0 ({names}): {as_missing}{then}", "The denominator is 0 ({names}): {as_missing}{then}"
    missing = Text("coi như chưa có số liệu, ", "as if there were no data, ") if as_missing else _NONE
    return say(vi, en, names=_joined(names), as_missing=missing, then=_then(instead, score))


def without_result(formula: Text, instead: str, score: Decimal | None) -> Text:
    """A formula that gives nothing for these numbers."""
    vi, en = "{formula} không có kết quả: {then}", "{formula} has no result: {then}"
    return say(vi, en, formula=formula, then=_then(instead, score))


def by_exemption(reason: Text) -> Text:
    """A criterion does not apply because the set says so of the unit."""
    return say("Không áp dụng, miễn trừ: {reason}", "Does not apply by an exemption: {reason}", reason=reason)


def by_kind(kind: UnitKind) -> Text:
    """A criterion does not apply to units of the kind."""
    vi, en = "Không áp dụng cho loại đơn vị “{kind}”", "Does not apply to units of the kind “{kind}”"
    return say(vi, en, kind=KINDS[kind])


def by_entry(name: Text) -> Text:
    """A criterion does not apply because its indicator was entered so."""
    vi, en = "Không áp dụng, theo số liệu được nhập ({name})", "Does not apply, as was entered ({name})"
    return say(vi, en, name=name)


def not_applicable(because: Text, goes: str, score: Decimal | None) -> Text:
    """Why a criterion does not apply, and where its points went."""
    given = _NONE if score is None else say(" = {score} điểm", " = {score} points", score=score)
    return say("{because}: {goes}{given}", "{because}: {goes}{given}", because=because, goes=_GONE[goes], given=given)


def _then(instead: str, score: Decimal | None) -> Text:
    if instead == "exclude" or score is None:
        return Text("không tính vào điểm tối đa", "left out of the maximum")
    vi, en = ("được đủ điểm = {score} điểm", "all points = {score} points")
    return say(vi, en, score=score) if instead == "full" else say("tính {score} điểm", "{score} points", score=score)


def _joined(names: Sequence[Text]) -> Text:
    return Text("; ".join(name.vi for name in names), "; ".join(name.en for name in names))

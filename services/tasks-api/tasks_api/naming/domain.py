"""What the cell of a unit says: which units, which of its words name none, and what somebody must be asked."""

from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Text
from tasks_api.units.domain import Unit

Role = Literal["lead", "coordinating"]


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """A wording, as written, that names no unit of the day. `nearest`: codes to propose, never to take; best first."""

    wording: str
    nearest: tuple[str, ...] = ()


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A wording, as written, that may mean one of `candidates` (codes of units or groups), or nobody in particular."""

    wording: str
    candidates: tuple[str, ...]
    text: Text


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What a cell names. Each part of it stands in one of these, or was left out with a warning.

    `units` are codes of units and of groups (`all-departments`) in the order of the text, each once. `persons`: names
    of persons or ways to reach them stood in the cell, and stand in none of these.
    """

    units: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    questions: tuple[Question, ...] = ()
    warnings: tuple[Text, ...] = ()
    persons: bool = False

    def doubts(self) -> list[Text]:
        """What somebody should read about the cell, each wording once."""
        told = [*(each.text for each in self.questions), *self.warnings]
        unsaid = [each for each in self.unknown if not any(f"“{each.wording}”" in text.vi for text in told)]
        return [*told, *(not_known(each) for each in unsaid)]


def not_known(unknown: Unknown) -> Text:
    near_vi, near_en = "", ""
    if unknown.nearest:
        codes = ", ".join(unknown.nearest)
        near_vi, near_en = f" Gần nhất: {codes}.", f" Nearest: {codes}."
    return Text(
        f"Không có đơn vị hay nhóm “{unknown.wording}” vào ngày ban hành.{near_vi}",
        f"There is no unit or group “{unknown.wording}” on the day of issue.{near_en}",
    )


def shown(day: date) -> str:
    """A day as documents write it."""
    return f"{day.day}/{day.month}/{day.year}"


def ended(wording: str, unit: Unit, successors: Iterable[Unit]) -> Text:
    """Why a unit that has ended is not taken, and who succeeded it."""
    last = unit.valid_to or date.max
    heirs = list(successors)
    names = ", ".join(f"{heir.name} ({heir.code})" for heir in heirs)
    if len(heirs) == 1:
        after = shown(date.fromordinal(last.toordinal() + 1))
        return Text(
            f"“{wording}”: {unit.name} đã sáp nhập {after}, nay là {names}.",
            f"“{wording}”: {unit.name} was merged on {after}, now {names}.",
        )
    level_vi, level_en = ("cấp huyện ", "the districts ") if unit.kind == UnitKind.DISTRICT else ("", "it ")
    heirs_vi = f"; việc của đơn vị này nay thuộc một trong: {names}" if heirs else ""
    heirs_en = f"; its work is now with one of: {names}" if heirs else ""
    return Text(
        f"“{wording}”: {unit.name} không còn, {level_vi}đã kết thúc {shown(last)}{heirs_vi}.",
        f"“{wording}”: {unit.name} is gone, {level_en}ended on {shown(last)}{heirs_en}.",
    )


def not_yet(wording: str, unit: Unit, day: date) -> Text:
    since = shown(unit.valid_from or day)
    return Text(
        f"“{wording}”: {unit.name} chỉ có từ {since}, chưa có vào ngày {shown(day)}.",
        f"“{wording}”: {unit.name} exists since {since} only, not on {shown(day)}.",
    )


def renamed(wording: str, unit: Unit) -> Text:
    return Text(
        f"“{wording}” là tên của thời kỳ khác, đơn vị này tên là {unit.name} ({unit.code}).",
        f"“{wording}” is a name of another period; the unit is called {unit.name} ({unit.code}).",
    )


def several(wording: str, units: Iterable[Unit]) -> Text:
    names = "; ".join(f"{unit.name} ({unit.code})" for unit in units)
    return Text(
        f"“{wording}” có thể là: {names}. Xin chọn một đơn vị.", f"“{wording}” may be: {names}. Choose one of them."
    )


def misspelt(wording: str, names: Iterable[str]) -> Text:
    proposed = "; ".join(names)
    return Text(f"“{wording}” có thể viết sai: có phải {proposed}?", f"“{wording}” may be misspelt: is it {proposed}?")


def left_open(wording: str) -> Text:
    return Text(
        f"“{wording}” không nói đơn vị nào: xin nêu tên đơn vị.", f"“{wording}” does not say which units: name them."
    )


def left_out(wording: str) -> Text:
    return Text(f"“{wording}” không nêu tên đơn vị nào nên bị bỏ qua.", f"“{wording}” names no unit and is left out.")


def only_helps(wording: str) -> Text:
    return Text(
        f"“{wording}” đứng sau “phối hợp” nên không phải cơ quan chủ trì.",
        f"“{wording}” stands after a word for help, so it is not a lead.",
    )


def nobody_left(wording: str, kind: UnitKind, day: date, last: date | None) -> Text:
    vi, en = _KINDS[kind]
    until_vi, until_en = (f" (đã kết thúc {shown(last)})", f" (ended on {shown(last)})") if last else ("", "")
    return Text(
        f"“{wording}”: vào ngày {shown(day)} không có {vi} nào{until_vi}.",
        f"“{wording}”: on {shown(day)} there is no {en}{until_en}.",
    )


def other_number(wording: str, said: int, there: int) -> Text:
    return Text(
        f"“{wording}” nêu {said} đơn vị, danh mục ngày đó có {there}.",
        f"“{wording}” says {said} units, the directory of that day has {there}.",
    )


_KINDS = {
    UnitKind.DEPARTMENT: ("sở, cơ quan tương đương", "department"),
    UnitKind.DISTRICT: ("đơn vị cấp huyện", "district"),
    UnitKind.COMMUNE: ("đơn vị cấp xã", "commune"),
    UnitKind.SECTION: ("phòng", "section"),
    UnitKind.CENTRAL_AGENCY: ("cơ quan ngành dọc", "central agency"),
    UnitKind.SERVICE_UNIT: ("đơn vị sự nghiệp", "service unit"),
    UnitKind.PROVINCE: ("đơn vị cấp tỉnh", "province"),
}

"""Numbers of a spreadsheet as the text that its format shows: "12/2026" where a day of December is shown as a month."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

BUILT_IN: Final = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 14: "dd/mm/yyyy", 15: "d-mmm-yy", 16: "d-mmm",
    17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss", 22: "dd/mm/yyyy h:mm",
    37: "#,##0", 39: "#,##0.00",
}  # fmt: skip
"""Formats without a code in the file (ECMA-376, 18.8.30). 14 is the short date of the reader's country."""

_ASIDE: Final = re.compile(r'\[[^\]]*\]|\\(.)|"([^"]*)"|[_*].')
_TOKEN: Final = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|ss|s|am/pm|.", re.IGNORECASE | re.DOTALL)
_LITERAL: Final = "\ue000"
_LAST_DAY: Final = 2958465
_MOST_DIGITS: Final = 20
_WEEKDAYS: Final = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
_MIDNIGHT: Final = re.compile(r"[ T]?0?0:00(:00)?$")


def shown(value: str, code: str, *, since_1904: bool = False) -> str:
    """The text that a number is shown as. Dates keep the parts that their format has, in its order."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return value
    pattern, literals = _plain(code.split(";")[0])
    if re.search(r"[ymdhs]", pattern, re.IGNORECASE) and 0 <= number <= _LAST_DAY:
        return _date(number, pattern, literals, since_1904=since_1904)
    return _number(number, pattern)


def _plain(code: str) -> tuple[str, list[str]]:
    """The code with its literal texts put aside, so that no letter of theirs counts."""
    literals: list[str] = []

    def aside(found: re.Match[str]) -> str:
        text = found[1] or found[2]
        if not text:
            return ""
        literals.append(text)
        return _LITERAL

    return _ASIDE.sub(aside, code.replace("General", "")), literals


def _date(number: Decimal, pattern: str, literals: list[str], *, since_1904: bool) -> str:
    days = number + (1462 if since_1904 else 0)
    begin = datetime(1899, 12, 30) if days >= 61 else datetime(1899, 12, 31)  # noqa: DTZ001 - no zone; 1900-02-29
    try:
        at = begin + timedelta(seconds=round(float(days) * 86400))
    except OverflowError:
        return str(number)
    left = iter(literals)
    tokens = [each.lower() for each in _TOKEN.findall(pattern)]
    parts = [
        next(left, "") if each == _LITERAL else _part(each, at, tokens, place) for place, each in enumerate(tokens)
    ]
    text = "".join(parts).strip()
    return _MIDNIGHT.sub("", text) if re.search(r"\d{4}|/", text) else text


def _part(token: str, at: datetime, tokens: list[str], place: int) -> str:
    if token in {"m", "mm"} and _is_minute(tokens, place):
        return f"{at.minute:02d}"
    parts = {
        "yyyy": f"{at.year}", "yy": f"{at.year % 100:02d}", "mmmm": f"tháng {at.month}", "mmm": f"{at.month:02d}",
        "mm": f"{at.month:02d}", "m": f"{at.month}", "dddd": _WEEKDAYS[at.weekday()], "ddd": _WEEKDAYS[at.weekday()],
        "dd": f"{at.day:02d}", "d": f"{at.day}", "hh": f"{at.hour:02d}", "h": f"{at.hour}", "ss": f"{at.second:02d}",
        "s": f"{at.second}", "am/pm": "",
    }  # fmt: skip
    return parts.get(token, "" if token.startswith("@") else token)


def _is_minute(tokens: list[str], place: int) -> bool:
    """An m is a minute after hours or before seconds."""
    before = next((each for each in reversed(tokens[:place]) if each[0] in "ymdhs"), "")
    after = next((each for each in tokens[place + 1 :] if each[0] in "ymdhs"), "")
    return before.startswith("h") or after.startswith("s")


def _number(number: Decimal, pattern: str) -> str:
    percent = "%" in pattern
    if percent:
        number *= 100
    decimals = re.search(r"[0#]\.([0#?]+)", pattern)
    if decimals or re.search(r"[0#]", pattern):
        digits = len(decimals[1]) if decimals else 0
        number = round(number, digits)
        text = f"{number:,.{digits}f}" if "," in pattern else f"{number:.{digits}f}"
        zeros = re.search(r"0+", pattern.split(".")[0])
        text = (
            text
            if "," in pattern or not zeros or text.startswith("-")
            else text.zfill(len(zeros[0]) + (digits + 1 if digits else 0))
        )
    else:
        # Fifteen digits, as spreadsheets have them: 0.1 + 0.2 is 0.3.
        number = Decimal(f"{number:.15g}")
        text = f"{number:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}%" if percent else text

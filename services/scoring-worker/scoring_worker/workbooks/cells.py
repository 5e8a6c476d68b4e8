"""One value of a document as a cell, and a cell as a value: numbers, days, words for codes, lists of them."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final

from cchc_shared.contract.wording import unmarked
from cchc_shared.files.numbers import shown
from cchc_shared.files.workbooks import Cell
from scoring_worker.index_sets.document import plain
from scoring_worker.index_sets.wrong import Wrong
from scoring_worker.workbooks.layout import Column

DIGITS: Final = 15
"""What a spreadsheet keeps of a number; a longer one is written as text."""
_SEPARATOR: Final = "; "
_SIGNS: Final = re.compile(r"[;\n]")
_GROUPED: Final = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}", re.ASCII)
"""Thousands in one language, and a decimal in the other."""
_PLAIN: Final = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?", re.ASCII)
_ENGLISH: Final = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", re.ASCII)
_VIETNAMESE: Final = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?", re.ASCII)
_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_ASIDE: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|General')
_LONGEST: Final = 40
_DATED: Final = re.compile(r"[ymd]", re.IGNORECASE)


def written(value: Any, column: Column) -> str | int | float | date:
    """What stands in a cell for a value of the document."""
    if column.form in {"codes", "words"}:
        return _SEPARATOR.join(_word(each, column) for each in value)
    if column.form in {"word", "truth"}:
        return _word(str(value).lower() if column.form == "truth" else value, column)
    if column.form == "number":
        number = Decimal(value)
        return float(number) if len(number.normalize().as_tuple().digits) <= DIGITS else f"{number:f}"
    return value if isinstance(value, date) else str(value)


def read(cell: Cell, column: Column, *, since_1904: bool = False) -> Any:
    """The value that a cell stands for. Raises `Wrong`."""
    if cell.is_formula:
        raise Wrong(
            "ô có công thức; kết quả lưu trong tệp không được tin cậy: hãy dán lại thành giá trị",
            "holds a formula, and the result that a file keeps of it is not trusted: paste it as a value",
        )
    if cell.holds == "error":
        raise Wrong("ô báo lỗi của phần mềm bảng tính", "holds an error of the spreadsheet")
    if column.form == "number":
        return _number(cell)
    if column.form == "day":
        return _day(cell, since_1904=since_1904)
    if column.form in {"word", "truth"}:
        word = _coded(_shown(cell, since_1904=since_1904), column)
        return word == "true" if column.form == "truth" else word
    if column.form in {"codes", "words"}:
        return list(_listed(_shown(cell, since_1904=since_1904), column))
    if column.form == "code" and cell.holds == "number" and not cell.text.isdigit():
        text = _shown(cell, since_1904=since_1904)
        raise Wrong(
            f"mã phải là văn bản, còn đây là số hoặc ngày (`{text}`): hãy định dạng ô là văn bản rồi gõ lại",
            f"a code is a text, and this is a number or a day ({text}): format the cell as text and type it again",
        )
    return _shown(cell, since_1904=since_1904)


def _number(cell: Cell) -> Any:
    if cell.holds == "number" and not _DATED.search(_ASIDE.sub("", cell.style)):
        return plain(_bounded(f"{_bounded(cell.text):.{DIGITS}g}"))
    if cell.holds != "text":
        raise Wrong("phải là số, không phải ngày hay giá trị đúng, sai", "must be a number, no day and no truth value")
    return plain(_read_number(cell.text))


def _bounded(digits: str) -> Decimal:
    """A number that is no larger than any number of a document. Raises `Wrong`."""
    try:
        number = Decimal(digits)
        if len(digits) <= _LONGEST and number.is_finite() and abs(number.adjusted()) <= _LONGEST:
            return number
    except InvalidOperation:
        pass
    raise Wrong("phải là số, không quá dài", "must be a number, and not too long")


def _read_number(text: str) -> Decimal:
    """A number that was typed as text: "10,5", "1.234,5", "80 %". Raises `Wrong`."""
    digits = text.removesuffix("%").replace("\xa0", "").replace(" ", "")
    if _GROUPED.fullmatch(digits):
        raise Wrong(
            f"`{text}` hiểu được theo hai cách (phần nghìn hay phần thập phân): hãy gõ lại dưới dạng số",
            f"{text} can be read in two ways (thousands, or decimals): type it as a number",
        )
    if _PLAIN.fullmatch(digits):
        number = _bounded(digits.replace(",", "."))
    elif _ENGLISH.fullmatch(digits):
        number = _bounded(digits.replace(",", ""))
    elif _VIETNAMESE.fullmatch(digits):
        number = _bounded(digits.replace(".", "").replace(",", "."))
    else:
        raise Wrong("phải là số", "must be a number")
    return number / 100 if text.endswith("%") else number


def _day(cell: Cell, *, since_1904: bool) -> Any:
    text = cell.text
    if cell.holds == "number":
        text = shown(text, "yyyy-mm-dd", since_1904=since_1904)
    elif found := _DAY.fullmatch(text):
        text = f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}"
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Wrong("phải là ngày, như 31/12/2026", "must be a day, such as 31/12/2026 or 2026-12-31") from error


def _shown(cell: Cell, *, since_1904: bool) -> str:
    if cell.holds == "truth":
        return "Có" if cell.text == "1" else "Không"
    return shown(cell.text, cell.style, since_1904=since_1904) if cell.holds == "number" else cell.text


def _word(code: str, column: Column) -> str:
    return column.words.get(code, code)


def _coded(text: str, column: Column) -> str:
    """The code for a word, or for itself. Raises `Wrong`."""
    known = _codes(tuple(column.words.items()))
    code = text if text in column.words else known.get(_key(text))
    if code is None:
        choices = ", ".join(f"“{word}”" for word in column.words.values())
        raise Wrong(f"phải là một trong: {choices}", f"must be one of {', '.join(column.words)}")
    return code


def _listed(text: str, column: Column) -> Iterable[str]:
    parts = [part.strip() for part in _SIGNS.split(text)]
    if column.form == "codes":
        return [code.strip() for part in parts for code in part.split(",") if code.strip()]
    words = column.words.values()
    return [
        _coded(word, column)
        for part in parts
        for word in ([part] if _key(part) in {_key(each) for each in words} else map(str.strip, part.split(",")))
        if word
    ]


def _key(text: str) -> str:
    """In what two spellings of a word are equal."""
    return unmarked(text) or text.strip()


@cache
def _codes(words: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return {_key(word): code for code, word in words}

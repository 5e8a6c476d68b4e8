"""Expressions in CEL: arithmetic and comparisons of named readings, bounded in what they may cost.

CEL has no decimals. Numbers go in as binary fractions, and results are rounded to `PLACES` places on the way out, which
is far coarser than what binary fractions get wrong and far finer than what scores are rounded to.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

import cel

from scoring_worker.index_sets.reading import Readings, rounded, shown
from scoring_worker.index_sets.wrong import Wrong

LONGEST: Final = 500
DEEPEST: Final = 20
PLACES: Final = 9
MAXIMUM: Final = "max"
FUNCTIONS: Final = {"least": min, "greatest": max}
"""The smaller and the larger of two numbers; CEL itself has neither."""
_DIVISOR: Final = "divisor"
"""Stands around whatever is divided by: to CEL a fraction of 0 is infinite, and so is more than any bound."""

_SIGNS: Final = re.compile(r"[\w.()+\-*/<>=!&|?:,\s]*", re.ASCII)
_NAME: Final = re.compile(r"(?<![\w.])[A-Za-z_]\w*\b(?!\s*\()", re.ASCII)
_CALLED: Final = re.compile(r"\b([A-Za-z_]\w*)\s*\(", re.ASCII)
_INTEGER: Final = re.compile(r"(?<![\w.])\d+(?![\w.])", re.ASCII)
_OPERAND: Final = re.compile(r"[\s\-]*\w*(?:\s*\.\s*\w+)*\s*", re.ASCII)
_WORDS: Final = frozenset({"true", "false"})
_READ: Final = re.compile(
    rf"(?<![\w.])(?:(?P<name>[A-Za-z_]\w*)\s*\.\s*(?P<part>n|d|value)\b|(?P<max>{MAXIMUM})\b)", re.ASCII
)
_PARTS: Final = re.compile(r"\.\s*([A-Za-z_]\w*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Program:
    """A checked expression. `names` are the inputs that it reads."""

    text: str
    names: frozenset[str]
    _compiled: Any

    def number(self, readings: Readings, maximum: Fraction) -> Fraction | None:
        """Its result for these numbers; None where it has none, as where something is divided by 0."""
        result = self._result(readings, maximum)
        return Fraction(rounded(Fraction(result), PLACES)) if isinstance(result, float) and abs(result) < 1e15 else None

    def holds(self, readings: Readings) -> bool | None:
        """Whether it is true; None where that cannot be said."""
        result = self._result(readings, Fraction(0))
        return result if isinstance(result, bool) else None

    def with_numbers(self, readings: Readings, maximum: Fraction) -> str:
        """The text with numbers in the places of names; what has no number keeps its name."""

        def number(found: re.Match[str]) -> str:
            reading = readings.get(found["name"] or "")
            if reading is None:
                return _written(maximum) if found["max"] else found[0]
            part = found["part"]
            if part == "value" and reading.is_known and not reading.is_of_nothing:
                return _written(reading.value)
            exact = reading.n if part == "n" else reading.d if part == "d" else None
            return found[0] if exact is None else _written(Fraction(exact))

        return _READ.sub(number, self.text)

    def _result(self, readings: Readings, maximum: Fraction) -> object:
        context = cel.Context()
        context.add_variable(MAXIMUM, float(maximum))
        for name, function in FUNCTIONS.items():
            context.add_function(name, function)
        context.add_function(_DIVISOR, _not_zero)
        for name, reading in readings.items():
            if not reading.is_known:
                return None
            parts = {"n": float(reading.n or 0)}
            if reading.d is not None:
                parts["d"] = float(reading.d)
            if not reading.is_of_nothing:
                parts["value"] = float(reading.value)
            context.add_variable(name, parts)
        try:
            return self._compiled.execute(context)
        except Exception:  # noqa: BLE001 - the library raises half a dozen kinds, all of which mean: no result
            return None


def _written(number: Fraction) -> str:
    """A number as CEL has it: decimal where it has an end."""
    decimal = shown(number, PLACES)
    return f"{decimal:f}" if decimal == number else "({}/{})".format(*number.as_integer_ratio())


@lru_cache(maxsize=1024)
def compiled(text: str) -> Program:
    """Raises `ValueError` for what is no expression, or one that may cost more than a moment."""
    if len(text) > LONGEST:
        raise Wrong(f"biểu thức dài tối đa {LONGEST} ký tự", f"an expression has at most {LONGEST} characters")
    if not _SIGNS.fullmatch(text):  # no texts, no lists, no maps: nothing that could grow
        raise Wrong(
            "biểu thức chỉ gồm tên, số và ( ) . , + - * / < > = ! & | ? :",
            "an expression has names, numbers, ( ) . , + - * / < > = ! & | ? : only",
        )
    if _deepest(text) > DEEPEST:
        raise Wrong(f"ngoặc lồng nhau tối đa {DEEPEST} lớp", f"parentheses stand at most {DEEPEST} deep")
    strange = sorted(set(_CALLED.findall(text)) - FUNCTIONS.keys())
    if strange:
        raise Wrong(
            f"không có hàm `{', '.join(strange)}`; chỉ có `{', '.join(FUNCTIONS)}`",
            f"no such function: {', '.join(strange)}; there are {', '.join(FUNCTIONS)}",
        )
    parts = sorted(set(_PARTS.findall(text)) - {"n", "d", "value"})
    if parts:
        raise Wrong(
            f"đầu vào chỉ có `n`, `d`, `value`, không có `{', '.join(parts)}`",
            f"an input has n, d and value, not {', '.join(parts)}",
        )
    try:
        program = cel.compile(_guarded(_INTEGER.sub(r"\g<0>.0", text)))  # CEL adds no integers to fractions
    except Exception as error:  # the library raises several kinds
        raise Wrong("không đọc được như một biểu thức", f"not an expression: {error}") from error
    names = frozenset(_NAME.findall(text)) - _WORDS - {MAXIMUM}
    return Program(text, names, program)


def _deepest(text: str) -> int:
    depth = deepest = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return deepest


def _not_zero(number: float) -> float | None:
    """None for 0, by which CEL divides nothing; the library would log an error raised here as a failure of ours."""
    return number or None


def _guarded(text: str) -> str:
    """The same expression with `divisor( )` around each operand that something is divided by."""
    before, slash, rest = text.partition("/")
    if not slash:
        return text
    end = _end_of_operand(rest)
    return f"{before}/{_DIVISOR}({_guarded(rest[:end])}){_guarded(rest[end:])}"


def _end_of_operand(text: str) -> int:
    """Where a number, an input, a call or a group that stands at the start of the text ends."""
    end = len(_OPERAND.match(text)[0])  # type: ignore[index]
    if text[end : end + 1] != "(":
        return end
    depth = 0
    for at, sign in enumerate(text[end:], end):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return at + 1
    return len(text)

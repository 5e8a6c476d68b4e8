"""Numbers in sentences, in the notation of each language: "97,95 %" and "1.234,5" in Vietnamese."""

from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from scoring_worker.index_sets.indicators import Is
from scoring_worker.index_sets.reading import Exact, Reading, rounded
from scoring_worker.index_sets.texts import Text

_SWAPPED: Final = str.maketrans(",.", ".,")
_PERCENT_PLACES: Final = 2
"""As shares are shown in the tree: to four places."""
_LONGEST: Final = 18
"""Decimal places above which an exact number is written as a fraction."""


def say(vi: str, en: str, **parts: "Text | Exact | str") -> Text:
    """A sentence in both languages; its parts are texts, numbers, or what needs no language.

    >>> say("{n} điểm", "{n} points", n=Decimal("1234.5")).vi
    '1.234,5 điểm'
    """
    texts = {name: part if isinstance(part, Text) else _text(part) for name, part in parts.items()}
    return Text(
        vi.format_map({name: text.vi for name, text in texts.items()}),
        en.format_map({name: text.en for name, text in texts.items()}),
    )


def percent(share: Exact) -> Text:
    """A share in hundredths, exact: "95 %"."""
    return _alike("{n} %", n=Fraction(share) * 100)


class Told(NamedTuple):
    """An input of a rule as it is spoken of. `reading` is what the rule is given, `entered` what the indicator says:
    the rest of it where less is better."""

    name: Text
    of: Is
    source: str
    reading: Reading
    entered: Reading

    @property
    def figure(self) -> Text:
        """The number that counts: "718/733 (≈ 97,95 %)", a share that was entered as one, or an amount."""
        n, d, _ = self.reading
        number = Fraction(n or 0)
        if self.of == "amount":
            return _text(number)
        is_rest, rest = self.reading != self.entered, self.entered.n or 0
        if d is None:
            return _alike("(100 % − {n})", n=percent(rest)) if is_rest else percent(number)
        top = _alike("({d} − {n})", d=d, n=rest) if is_rest else _text(number)
        return _alike("{top}/{d} ({share})", top=top, d=d, share=_about(self.reading.value))

    def bound(self, number: Decimal) -> Text:
        """A bound of it, as it is measured itself: in hundredths if it is a share."""
        return percent(number) if self.of == "share" else _text(number)


def _about(share: Fraction) -> Text:
    near = rounded(share * 100, _PERCENT_PLACES)
    sign = "" if near == share * 100 else "≈ "
    return _alike(sign + "{n} %", n=near)


def _alike(both: str, **parts: Text | Exact) -> Text:
    """What is said without words."""
    return say(both, both, **parts)


def _text(number: Exact | str) -> Text:
    if isinstance(number, str):
        return Text(number, number)
    exact = Fraction(number)
    places = _places(exact.denominator)
    if places is None:
        top, below = (f"{each:,}" for each in exact.as_integer_ratio())
        return Text(f"{top}/{below}".translate(_SWAPPED), f"{top}/{below}")
    english = f"{rounded(exact, places):,f}"
    return Text(english.translate(_SWAPPED), english)


def _places(denominator: int) -> int | None:
    """The decimal places that a fraction takes; None where it has no end, or none that people read."""
    return next((places for places in range(_LONGEST + 1) if 10**places % denominator == 0), None)

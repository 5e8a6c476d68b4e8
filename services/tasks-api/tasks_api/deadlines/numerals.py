"""Vietnamese numbers in words: days, months, quarters and years as documents write them out."""

from collections.abc import Iterator
from typing import Final

_ONES: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_AFTER_TEN: Final = {1: ("một",), 4: ("bốn", "tư"), 5: ("lăm",)}
_AFTER_TENS: Final = {1: ("mốt", "một"), 4: ("tư", "bốn"), 5: ("lăm", "nhăm")}

LARGEST_SMALL: Final = 99
CENTURY: Final = 2000


def spoken(number: int) -> Iterator[str]:
    """The ways in which a number from 1 to 99, or a year from 2000 to 2099, is said."""
    if number >= CENTURY:
        rest = number - CENTURY
        for thousand in ("nghìn", "ngàn"):
            if not rest:
                yield f"hai {thousand}"
            links = ("linh ", "lẻ ") if rest < 10 else ("",)
            for words in spoken(rest) if rest else ():
                yield from (f"hai {thousand} không trăm {link}{words}" for link in links)
        return
    tens, ones = divmod(number, 10)
    if not tens:
        yield _ONES[ones]
        if ones == 4:
            yield "tư"
        return
    ten = "mười" if tens == 1 else f"{_ONES[tens]} mươi"
    if not ones:
        yield ten
    else:
        endings = (_AFTER_TEN if tens == 1 else _AFTER_TENS).get(ones, (_ONES[ones],))
        yield from (f"{ten} {ending}" for ending in endings)


def all_spoken() -> Iterator[tuple[str, int]]:
    """Every wording of a number that is read, with the number."""
    for number in (*range(1, LARGEST_SMALL + 1), *range(CENTURY, CENTURY + 100)):
        for words in spoken(number):
            yield words, number

"""Finds personal data in Vietnamese free text as people write it, and masks them.

It finds what has a form: phone numbers, e-mail addresses, numbers of identity cards, passports, bank accounts and
licence plates. Names and addresses have none, and need a reader. What might be an amount of money or a date is left.
Texts are expected as the service stores them: composed (NFC), without invisible characters.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple


class Identifier(StrEnum):
    """A kind of personal data that has a form."""

    PHONE = "phone"
    EMAIL = "email"
    ID_NUMBER = "id_number"
    PASSPORT = "passport"
    BANK_ACCOUNT = "bank_account"
    LICENCE_PLATE = "licence_plate"


MASKS: Final = {
    Identifier.PHONE: "[số điện thoại]",
    Identifier.EMAIL: "[thư điện tử]",
    Identifier.ID_NUMBER: "[số định danh]",
    Identifier.PASSPORT: "[số hộ chiếu]",
    Identifier.BANK_ACCOUNT: "[số tài khoản]",
    Identifier.LICENCE_PLATE: "[biển số xe]",
}


class Finding(NamedTuple):
    """Personal data from `start` to before `end`, in code points of the text."""

    kind: Identifier
    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


class Screening(NamedTuple):
    """What was found, in the order of the text, and the text without it."""

    findings: Sequence[Finding]
    masked: str


def screen(text: str) -> Screening:
    """Look through a text. Takes time in proportion to its length."""
    findings = sorted(_found(text), key=lambda finding: finding.start)
    parts, end = [], 0
    for finding in findings:
        parts += [text[end : finding.start], MASKS[finding.kind]]
        end = finding.end
    return Screening(findings, "".join([*parts, text[end:]]))


def screened(text: str) -> str:
    """The text as it may be published: what was found is masked."""
    return screen(text).masked


_BETWEEN: Final = r"[ \t.\-\u2010-\u2015·_()]"
"""What people put between the digits of one number."""
_DIGIT: Final = rf"(?:{_BETWEEN}{{0,3}}\d)"
# A pattern begins with what it must have, so that the engine leaps there; what may stand before follows.
_ALONE: Final = r"(?<![\w@].)"
_NOT_IN_A_NAME: Final = r"(?<![\w./,-].)"
_ADDRESSED: Final = r"[^\s@<>,;:()\[\]\"“”]"
_DOTTED: Final = r"[^\s@<>,;:()\[\]\"“”.]"
_WORD: Final = r"(?:khong|mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin)\b"


class _Step(NamedTuple):
    """What is looked for. `kind` is None for something else that looks alike, and is left as it is."""

    kind: Identifier | None
    pattern: re.Pattern[str]
    behind: re.Pattern[str] | None = None
    """Words that must stand before it, a few others between: they say what the number is."""


_FEW_WORDS: Final = r"[^\d\n]{0,24}"
_MASKED: Final = r"(?<=\[so )(?:tai khoan|dinh danh|ho chieu)\]"
_AT_ONCE: Final = r"\W{0,3}(?:(?:so|la|cua|toi|minh|em)\W{1,2}){0,4}"


def _step(kind: Identifier | None, *pattern: str, behind: str | None = None, between: str = _FEW_WORDS) -> _Step:
    # A word of a mask says nothing: what is masked is not masked further when it is looked through again.
    spoken = None if behind is None else re.compile(rf"\b(?!{_MASKED})(?:{behind})\b{between}\Z", re.IGNORECASE)
    return _Step(kind, re.compile("".join(pattern), re.IGNORECASE), spoken)


_ACCOUNT: Final = r"stk|tk|tai khoan|account"
_NO_AMOUNT: Final = r"(?:(?<=0)|(?!\d{0,2}(?:[.,]\d{3})+(?![\d.])))"
_LOOKS_BACK: Final = 60

# In this order, and what one took is no more there for the next.
_STEPS: Final = (
    _step(
        Identifier.EMAIL,
        rf"(?<!{_ADDRESSED}){_ADDRESSED}{{1,64}}(?: ?@ ?| ?[(\[]at[)\]] ?| a cong )",
        rf"{_DOTTED}{{1,63}}(?:(?:\.| cham ){_DOTTED}{{1,63}}){{1,8}}(?<=\w)",
    ),
    _step(Identifier.BANK_ACCOUNT, rf"\d{_ALONE}{_DIGIT}{{5,18}}(?!\d)", behind=_ACCOUNT, between=_AT_ONCE),
    _step(Identifier.BANK_ACCOUNT, rf"\d{_ALONE}{_NO_AMOUNT}{_DIGIT}{{5,18}}(?!\d)", behind=_ACCOUNT),
    _step(
        Identifier.ID_NUMBER,
        rf"\d{_ALONE}(?:{_DIGIT}{{11}}|{_DIGIT}{{8}})(?!\d)",
        behind=r"cmnd|cmt|cmtnd|cccd|chung minh|can cuoc|dinh danh",
    ),
    _step(
        Identifier.PASSPORT,
        rf"[a-z]{_ALONE}{_BETWEEN}?\d{_DIGIT}{{6,7}}(?!\d)",
        behind=r"ho chieu|passport",
    ),
    _step(
        Identifier.BANK_ACCOUNT,
        rf"\d{_NOT_IN_A_NAME}\d{{3}}(?:[ -]\d{{4}}){{3}}(?:[ -]?\d{{3}})?(?![\w/])(?![.,-]\d)",
    ),
    # Days, and amounts in groups of three. A number of a person begins with 0 where it is written in threes.
    _step(None, r"\d(?<![\d.\-/].)\d?[./-]\d{1,2}[./-](?:19|20)\d\d(?![\d/]|[.\-]\d)"),
    _step(None, r"[1-9](?<![\d.,].)\d{0,2}([.,])\d{3}(?:\1\d{3})*(?:,\d+)?(?!\d|\.\d)"),
    _step(
        Identifier.ID_NUMBER,
        rf"0{_ALONE}(?:\d{{11}}|\d\d(?:{_BETWEEN}\d{{3}}){{3}}|\d{{3}}(?:{_BETWEEN}\d{{4}}){{2}}|\d\d{_BETWEEN}\d{{9}}",
        rf"|\d{{5}}{_BETWEEN}\d{{6}}|(?:{_BETWEEN}\d){{11}})(?!\d)",
    ),
    _step(
        Identifier.PHONE,
        rf"[+(08]{_ALONE}(?:(?<=8)4|\+?(?:(?<=0)0)?84){_BETWEEN}{{0,2}}(?:\(?0\)?)?{_DIGIT}{{9,10}}(?!\d)",
    ),
    _step(Identifier.PHONE, rf"\+{_ALONE}{_DIGIT}{{8,15}}(?!\d)"),
    _step(Identifier.PHONE, rf"0{_ALONE}(?:{_BETWEEN}{{0,2}}2{_DIGIT}{{9}}|{_BETWEEN}{{0,2}}[2-9]{_DIGIT}{{8}})(?!\d)"),
    _step(
        Identifier.LICENCE_PLATE,
        rf"\d{_NOT_IN_A_NAME}\d[-. ]?(?:[a-z][a-z0-9]?|[a-z]d\d)[-. ]{{0,3}}(?:\d{{3}}[. ]?\d\d|\d{{4}})",
        r"(?![\w/])(?![.,]\d)",
    ),
    _step(Identifier.PASSPORT, rf"(?-i:[A-Z]){_NOT_IN_A_NAME}\d{{7,8}}(?![\w/])"),
    _step(Identifier.ID_NUMBER, rf"\d{_NOT_IN_A_NAME}(?:\d{{8}}|\d\d(?:{_BETWEEN}\d{{3}}){{2}})(?![\w/])(?![.,-]\d)"),
    _step(
        Identifier.BANK_ACCOUNT,
        rf"\d{_NOT_IN_A_NAME}\d{{9,18}}(?![\w/])(?![.,-]\d)",
    ),
    _step(Identifier.PHONE, rf"\b{_WORD}(?:[\s,.\-]+(?:\d\b|{_WORD})){{8,13}}"),
)
_GONE: Final = "\x00"
_WITHOUT_STROKE: Final = {"đ": "d", "Đ": "D"}
"""Unicode knows no letter without a mark in it."""


def _found(text: str) -> Iterator[Finding]:
    left = _folded(text)
    for kind, pattern, behind in _STEPS:
        for start, end in [match.span() for match in pattern.finditer(left)]:
            if behind is not None and not behind.search(left, max(0, start - _LOOKS_BACK), start):
                continue
            left = left[:start] + _GONE * (end - start) + left[end:]
            if kind is not None:
                yield Finding(kind, start, end)


def _folded(text: str) -> str:
    """The same in plain ASCII where that is possible, character by character: many write without marks, some with
    digits of full width."""
    return text if text.isascii() else "".join(map(_fold, text))


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character in _WITHOUT_STROKE:
        return _WITHOUT_STROKE[character]
    composed = unicodedata.normalize("NFKC", character)
    return unicodedata.normalize("NFD", composed)[0] if len(composed) == 1 else character

"""Finds personal data in Vietnamese free text as people write it, and masks them.

It finds what has a form: phone numbers, e-mail addresses, numbers of identity cards, passports, bank accounts and
licence plates. Names and addresses have none, and need a reader. What might be an amount of money or a date is left.
Texts are expected as the service stores them: composed (NFC), without invisible characters.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple


class PersonalData(StrEnum):
    """A kind of personal data that has a form."""

    PHONE = "phone"
    EMAIL = "email"
    ID_NUMBER = "id_number"
    PASSPORT = "passport"
    BANK_ACCOUNT = "bank_account"
    LICENCE_PLATE = "licence_plate"


MASKS: Final = {
    PersonalData.PHONE: "[số điện thoại]",
    PersonalData.EMAIL: "[thư điện tử]",
    PersonalData.ID_NUMBER: "[số định danh]",
    PersonalData.PASSPORT: "[số hộ chiếu]",
    PersonalData.BANK_ACCOUNT: "[số tài khoản]",
    PersonalData.LICENCE_PLATE: "[biển số xe]",
}


class Finding(NamedTuple):
    """Personal data from `start` to before `end`, in code points of the text."""

    kind: PersonalData
    start: int
    end: int


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


_BETWEEN: Final = r"[ \t\u00a0\u2009.\-\u2010-\u2015·_()]"
"""What people put between the digits of one number."""
_DIGIT: Final = rf"(?:{_BETWEEN}{{0,2}}\d)"
_ALONE: Final = r"(?<![\w@])"
_WORDS: Final = (
    "không|một|mốt|hai|ba|bốn|tư|năm|lăm|sáu|bảy|bẩy|tám|chín|khong|mot|bon|tu|nam|lam|sau|bay|tam|chin"
)
_IN_WORDS: Final = rf"(?:{_WORDS})\b(?:[\s,.\-]+(?:\d|(?:{_WORDS})\b)){{8,13}}"
_ADDRESSED: Final = r"[^\s@<>,;:()\[\]\"“”]"
_DOTTED: Final = r"[^\s@<>,;:()\[\]\"“”.]"


def _after(words: str, number: str) -> str:
    """A number that stands behind a word that says what it is, with a few words between."""
    return rf"\b(?:{words})\b[^\d\n]{{0,24}}?(?P<it>{number})(?!\d)"


_NO_DATA: Final = (
    # Days, and amounts in groups of three. A number of a person begins with 0 where it is written in threes.
    r"(?<![\d.\-/])\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d(?![\d/]|[.\-]\d)",
    r"(?<![\d.,])[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*(?:,\d+)?(?![\d])(?!\.\d)",
)
_RULES: Final = (
    (
        PersonalData.EMAIL,
        rf"(?<!{_ADDRESSED}){_ADDRESSED}{{1,64}}(?: ?@ ?| ?[(\[]at[)\]] ?| a còng )"
        rf"{_DOTTED}{{1,63}}(?:(?:\.| chấm ){_DOTTED}{{1,63}}){{1,8}}(?<=\w)",
    ),
    (PersonalData.BANK_ACCOUNT, _after(r"stk|s[ốo] tk|tk|(?:s[ốo] )?t[àa]i kho[ảa]n|account", rf"\d{_DIGIT}{{5,18}}")),
    (
        PersonalData.ID_NUMBER,
        _after(
            r"cmnd|cmt|cmtnd|cccd|ch[ứu]ng minh(?: (?:th[ưu]|nh[âa]n d[âa]n))?|c[ăa]n c[ướuo]+c(?: c[ôo]ng d[âa]n)?"
            r"|đ[ịi]nh danh",
            rf"\d(?:{_DIGIT}{{11}}|{_DIGIT}{{8}})",
        ),
    ),
    (
        PersonalData.PASSPORT,
        _after(r"h[ộo] chi[ếe]u|passport", rf"[a-z]{_BETWEEN}?\d{_DIGIT}{{6,7}}"),
    ),
    (
        PersonalData.ID_NUMBER,
        rf"{_ALONE}0(?:\d{{11}}|\d\d(?:{_BETWEEN}\d{{3}}){{3}}|\d{{3}}(?:{_BETWEEN}\d{{4}}){{2}}|\d\d{_BETWEEN}\d{{9}}"
        rf"|\d{{5}}{_BETWEEN}\d{{6}}|(?:{_BETWEEN}\d){{11}})(?!\d)",
    ),
    (PersonalData.PHONE, rf"(?<![\w@])[+(]?(?:\+|00)?84{_BETWEEN}{{0,2}}(?:\(?0\)?)?{_DIGIT}{{9,10}}(?!\d)"),
    (PersonalData.PHONE, rf"(?<![\w@])\(?0{_BETWEEN}{{0,2}}2{_DIGIT}{{9}}(?!\d)"),
    (PersonalData.PHONE, rf"(?<![\w@])\(?0{_BETWEEN}{{0,2}}[2-9]{_DIGIT}{{8}}(?!\d)"),
    (PersonalData.PHONE, rf"(?<!\w)\+{_DIGIT}{{8,15}}(?!\d)"),
    (
        PersonalData.LICENCE_PLATE,
        rf"(?<![\w./-])\d\d[-. ]?(?:[a-z][a-zđ0-9]?|[a-z]đ\d)[-. ]{{0,3}}(?:\d{{3}}[. ]?\d\d|\d{{4}})(?![\w/])"
        r"(?![.,]\d)",
    ),
    (PersonalData.PASSPORT, rf"(?<![\w./-])(?-i:[A-Z])\d{{7,8}}(?![\w/])"),
    (PersonalData.ID_NUMBER, rf"(?<![\w./,-])(?:\d{{9}}|0\d\d(?:{_BETWEEN}\d{{3}}){{2}})(?![\w/])(?![.,-]\d)"),
    (PersonalData.BANK_ACCOUNT, r"(?<![\w./,-])(?:\d{10,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{3})?)(?![\w/])(?![.,-]\d)"),
    (PersonalData.PHONE, rf"\b{_IN_WORDS}"),
)
_PASSED_OVER: Final = [re.compile(pattern) for pattern in _NO_DATA]
_LOOKED_FOR: Final = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _RULES]
_GONE: Final = "\x00"


def _found(text: str) -> Iterator[Finding]:
    left = _folded(text)
    keyed, plain = _LOOKED_FOR[:_KEYED], _LOOKED_FOR[_KEYED:]
    for kind, pattern in keyed:
        left = yield from _taken(kind, pattern, left)
    for pattern in _PASSED_OVER:
        left = pattern.sub(_blank, left)
    for kind, pattern in plain:
        left = yield from _taken(kind, pattern, left)


_KEYED: Final = 4
"""So many rules go first: a word before the number says what it is, whatever it looks like."""


def _taken(kind: PersonalData, pattern: re.Pattern[str], text: str) -> Iterator[Finding]:
    ...


def _blank(match: re.Match[str]) -> str:
    return _GONE * len(match[0])


def _folded(text: str) -> str:
    """The same with digits, letters and marks of full width as ordinary ones, character by character."""
    return text if text.isascii() else "".join(map(_fold, text))


def _fold(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character

"""Parses the wording of a deadline into its last day. An ambiguous wording gets no date and a message."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

import msgspec

from cchc_shared.contract.provenance import Provenance, Text

ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}

Ends = Literal["quarter", "year", "month", "day", "day_before", "never"]


class DeadlinePattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One wording: a regular expression with the groups day, month, quarter, year, and which day it ends on."""

    ends: Ends
    pattern: str
    source: str
    status: Provenance


class Deadline(NamedTuple):
    """The last day of a task (None: it has no deadline), and what is doubtful about it."""

    due_on: date | None
    doubt: Text | None = None


class DeadlineReader:
    """Reads wordings by the city's patterns, in their order."""

    def __init__(self, patterns: Sequence[DeadlinePattern], years_before: int, years_after: int) -> None:
        self._patterns = [(re.compile(each.pattern, re.IGNORECASE), each.ends) for each in patterns]
        self._before, self._after = years_before, years_after

    def read(self, wording: str, issued_on: date) -> Deadline:
        """Parse the wording of a deadline ("Quý II/2024") in a document issued on `issued_on`."""
        text = " ".join(unicodedata.normalize("NFC", wording).split()).rstrip(".;,")
        if not text:
            return Deadline(None, Text("Không ghi thời hạn.", "No deadline is given."))
        for pattern, ends in self._patterns:
            if found := pattern.fullmatch(text):
                return self._dated(text, ends, found.groupdict(), issued_on)
        return Deadline(None, _unreadable(text))

    def _dated(self, text: str, ends: Ends, parts: Mapping[str, str], issued_on: date) -> Deadline:
        if ends == "never":
            return Deadline(None)
        year = int(parts["year"])
        if not issued_on.year - self._before <= year <= issued_on.year + self._after:
            return Deadline(
                None,
                Text(
                    f"Năm {year} trong thời hạn “{text}” khó có thể đúng: chưa tính hạn.",
                    f"The year {year} of the deadline “{text}” is improbable: no date was derived.",
                ),
            )
        try:
            due_on = _last_day(ends, parts)
        except ValueError:
            return Deadline(None, _unreadable(text))
        if due_on < issued_on:
            return Deadline(
                due_on,
                Text(
                    f"Thời hạn “{text}” trước ngày ban hành văn bản.",
                    f"The deadline “{text}” lies before the document was issued.",
                ),
            )
        return Deadline(due_on)


def _last_day(ends: Ends, parts: Mapping[str, str]) -> date:
    """The inclusive last day; `ValueError` when there is no such day (31/2)."""
    year = int(parts["year"])
    if ends == "year":
        return date(year, 12, 31)
    if ends == "quarter":
        quarter = parts["quarter"].upper()
        return _month_end(year, 3 * (ROMAN.get(quarter) or int(quarter)))
    if ends == "month":
        return _month_end(year, int(parts["month"]))
    day = date(year, int(parts["month"]), int(parts["day"]))
    return day - timedelta(days=1) if ends == "day_before" else day


def _month_end(year: int, month: int) -> date:
    if not 1 <= month <= 12:
        raise ValueError(f"no month {month}")
    return date(year, month, monthrange(year, month)[1])


def _unreadable(text: str) -> Text:
    return Text(
        f"Không đọc được thời hạn “{text}”: chưa tính hạn.",
        f"The deadline “{text}” cannot be read: no date was derived.",
    )

"""`since`: what has changed in a list since its caller looked, for apps that keep it and are seldom on the network."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

import msgspec
from fastapi import Query
from pydantic import BaseModel, Field

from cchc_shared.http import kinds
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.paging import CURSOR, CURSOR_LENGTH, decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, invalid
from cchc_shared.http.schemas import Out

Key = TypeVar("Key", str, int)
START: Final = "start"
"""In the place of a cursor: everything, for who has nothing yet."""
KEPT: Final = timedelta(days=30)
"""How long a cursor holds after it was given, and how long it is known what has left somebody's sight."""

Since = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=CURSOR_LENGTH,
        pattern=CURSOR,
        description="`since` of the answer before: only what has changed after it, the oldest change first; `start`: "
        "everything",
    ),
]


def absent(value: object) -> bool:
    """Whether a field of a page is left out: those of `since` stand in no other answer."""
    return value is None


class Page(Out):
    """Part of a list. Asked with `since`: what has changed, the oldest change first."""

    next_cursor: str | None
    gone: list[str] | None = Field(
        default=None,
        exclude_if=absent,
        description="With `since`: codes of what has changed and is not in this list, or not any more",
    )
    since: str | None = Field(
        default=None, exclude_if=absent, description="With `since`: keep it, and ask with it the next time"
    )
    more: bool | None = Field(
        default=None, exclude_if=absent, description="With `since`: whether more is there to be asked for at once"
    )


def check_alone(query: BaseModel, *moving: str) -> None:
    """Raises a 422 problem where `since` stands beside `cursor`, or beside what time alone changes."""
    given = next((name for name in ("cursor", *moving) if getattr(query, name) is not None), None)
    if given == "cursor":
        raise invalid([FieldError("query.cursor", "không đi cùng `since`", "cannot stand beside since")])
    if given is not None:
        vi = "không đi cùng `since`: thời gian trôi qua là đổi, dù không có thay đổi nào"
        raise invalid([FieldError(f"query.{given}", vi, "cannot stand beside since: time alone changes it")])


@dataclass(frozen=True, slots=True)
class Followed:
    """A list as its cursors name it: in which history of the database, whose it is, and what it is narrowed to."""

    generation: str
    name: str
    now: datetime

    @classmethod
    def of(cls, generation: str, reader: Mapping[str, Any], narrowed: Mapping[str, Any], now: datetime) -> "Followed":
        """The list that a reader asks for, narrowed by those parameters."""
        asked = msgspec.json.encode([reader, narrowed], order="sorted")
        return cls(generation, hashlib.blake2b(asked, digest_size=12).hexdigest(), now)

    def cursor(self, place: tuple[int, str | int]) -> str:
        """What the caller keeps: the place after which the next answer begins."""
        return encode_cursor(self.generation, self.name, self._day(), *place)

    def place(self, since: str, beginning: tuple[int, Key]) -> tuple[int, Key]:
        """Where the answer begins: a transaction, and the key of what it changed.

        Raises 422 for what is no cursor, and 410 for one that says nothing any more.
        """
        if since == START:
            return beginning
        try:
            generation, name, day, transaction, key = decode_cursor(since, str, str, int, int, type(beginning[1]))
        except Problem as error:
            raise _no_cursor() from error
        if transaction < 0 and (transaction, key) != beginning:
            raise _no_cursor()
        if (generation, name) != (self.generation, self.name) or self._day() - day >= KEPT.days:
            raise Problem(kinds.LIST_TO_BE_READ_ANEW)
        return transaction, key

    def _day(self) -> int:
        # A whole day: as long as nothing changes, the answer is the same, and 304 says enough.
        return self.now.toordinal()


def _no_cursor() -> Problem:
    return invalid([FieldError("query.since", "không phải con trỏ của hệ thống này", "is not one of ours")])

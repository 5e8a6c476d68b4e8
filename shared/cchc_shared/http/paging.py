"""Keyset paging with opaque cursors: as fast on page thousand as on page one."""

import base64
import binascii
from typing import Annotated, Any

import msgspec
from fastapi import Query

from cchc_shared.http.field_errors import FieldError, pattern
from cchc_shared.http.problems import Problem, invalid

Limit = Annotated[int, Query(ge=1, le=200, description="Number of rows on a page")]
CURSOR = pattern(r"^[A-Za-z0-9_-]*$", vi="không phải con trỏ của hệ thống này", en="is not one of ours")
CURSOR_LENGTH = 500
Cursor = Annotated[
    str | None,
    Query(min_length=1, max_length=CURSOR_LENGTH, pattern=CURSOR, description="`next_cursor` of the previous page"),
]


def encode_cursor(*values: str | int) -> str:
    """The key of a page's last row as a string that callers pass back unread."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).rstrip(b"=").decode()


def decode_cursor(cursor: str, *types: type) -> tuple[Any, ...]:
    """The values of a cursor, of the given types. Raises a 422 problem if it is not one of ours."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = msgspec.json.decode(raw, type=tuple.__class_getitem__(types))
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise invalid_cursor() from error
    if not all(map(_fits, values)):
        raise invalid_cursor()
    return tuple(values)


def invalid_cursor() -> Problem:
    """422: no page of ours ended with this key."""
    return invalid([FieldError("query.cursor", "không phải con trỏ của hệ thống này", "is not one of ours")])


def _fits(value: object) -> bool:
    """Whether the database could hold it at all."""
    if isinstance(value, str):
        return "\0" not in value
    return not isinstance(value, int) or -(1 << 63) <= value < 1 << 63

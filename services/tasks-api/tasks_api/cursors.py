"""Cursors of lists that are ordered by a bigint id, newest first."""

from cchc_shared.http.paging import decode_cursor
from cchc_shared.http.problems import FieldError, invalid

_LARGEST_ID = 2**63 - 1


def id_before(cursor: str | None) -> int | None:
    """The id before which the page begins. Raises a 422 problem if the cursor is not one of ours."""
    if cursor is None:
        return None
    id_: int = decode_cursor(cursor, int)[0]
    if not 0 < id_ <= _LARGEST_ID:
        raise invalid([FieldError("query.cursor", "không phải con trỏ của hệ thống này", "is not one of ours")])
    return id_

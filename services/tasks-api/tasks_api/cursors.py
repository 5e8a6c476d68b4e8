"""Cursors of lists that are ordered by a bigint id, newest first."""

from cchc_shared.http.paging import decode_cursor, invalid_cursor


def id_before(cursor: str | None) -> int | None:
    """The id before which the page begins. Raises a 422 problem if the cursor is not one of ours."""
    if cursor is None:
        return None
    id_: int = decode_cursor(cursor, int)[0]
    if id_ < 1:
        raise invalid_cursor()
    return id_

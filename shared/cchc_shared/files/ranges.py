"""Which bytes of a file a request asks for (RFC 9110, 13.1.5 and 14)."""

import re
from typing import Final, NamedTuple

_ONE: Final = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE | re.ASCII)
"""A single range. Several at once are answered with the whole, as 14.2 allows: no player of pictures asks for them."""


class Span(NamedTuple):
    """Some bytes of a file of `size`: from `first` until before `past`."""

    first: int
    past: int
    size: int

    @property
    def content_range(self) -> str:
        """As the answer says it."""
        return f"bytes {self.first}-{self.past - 1}/{self.size}"


class OutOfRange(ValueError):
    """None of the bytes that are asked for is there; `size` is how many there are."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def asks_for_a_part(wanted: str, only_if: str | None, tag: str) -> bool:
    """Whether a request has a range that counts: not when it was meant for what has another tag by now (`If-Range`).

    A date says nothing of a file that has none.
    """
    return _ONE.fullmatch(wanted) is not None and only_if in (None, tag)


def span(wanted: str, size: int) -> Span | None:
    """The bytes that a range means, None for one that means nothing and is passed over. Raises `OutOfRange`."""
    found = _ONE.fullmatch(wanted)
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:  # so many at the end
        if int(last) == 0:
            raise OutOfRange(size)
        return Span(max(0, size - int(last)), size, size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise OutOfRange(size)
    return Span(int(first), min(int(last) + 1, size) if last else size, size)

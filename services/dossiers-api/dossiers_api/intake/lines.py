"""Reads a day's file: one delivery as JSON in each line, plain or packed with gzip, in pieces of bounded size."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Annotated, Any, Final, NamedTuple, cast

from pydantic import TypeAdapter, WrapValidator

from cchc_shared.http.field_errors import FieldError
from dossiers_api.intake import json_text
from dossiers_api.intake.reading import Item
from dossiers_api.intake.schemas import DeliveryIn, read_item

MOST_LINES: Final = 100_000
MOST_BYTES: Final = 64_000_000
"""As it is sent."""
LONGEST: Final = 16_384
"""Bytes of a line; a delivery in the portal's words with every field has some two thousand."""
_ITEM: Final = TypeAdapter[Any](Annotated[DeliveryIn, WrapValidator(read_item)])
_BREAKS_OFF: Final = FieldError("", "tệp nén bị hỏng từ dòng này", "the packed file is broken from this line on")
_TOO_MANY: Final = FieldError(
    "",
    f"quá {MOST_LINES} dòng: các dòng từ đây chưa được đọc, hãy gửi trong tệp khác",
    f"more than {MOST_LINES} lines: those from here on are not read, send them in another file",
)
_TOO_LONG: Final = FieldError("", f"dài hơn {LONGEST} byte", f"is longer than {LONGEST} bytes")
_NO_JSON: Final = FieldError("", "không phải JSON", "is no JSON")


class Line(NamedTuple):
    """What stands in a line, counted from 1. Empty lines are counted and left out."""

    number: int
    item: Item


def lines(file: Path, at_once: int, *, packed: bool) -> Iterator[Sequence[Line]]:
    """The lines of a file, so many together. What ends the reading before the file does is the last line's fault."""
    with gzip.open(file) if packed else file.open("rb") as opened:
        found = []
        for line in numbered(cast("IO[bytes]", opened)):
            found.append(line)
            if len(found) == at_once:
                yield found
                found = []
        if found:
            yield found


def numbered(opened: IO[bytes]) -> Iterator[Line]:
    """The lines of what was opened."""
    number = 0
    try:
        while text := opened.readline(LONGEST):
            number += 1
            if number > MOST_LINES:
                yield Line(number, _TOO_MANY)
                return
            if len(text) == LONGEST and not text.endswith(b"\n"):
                _skip(opened)
                yield Line(number, _TOO_LONG)
            elif text.strip():
                yield Line(number, read(text))
    except (EOFError, gzip.BadGzipFile, zlib.error):
        yield Line(number + 1, _BREAKS_OFF)


def _skip(opened: IO[bytes]) -> None:
    """Read up to the end of a line."""
    while (rest := opened.readline(LONGEST)) and not rest.endswith(b"\n"):
        pass


def read(text: bytes) -> Item:
    """What one line says, or what is wrong with it."""
    try:
        said = json_text.loads(text)
    except (ValueError, RecursionError):  # UnicodeDecodeError is one
        return _NO_JSON
    return cast("Item", _ITEM.validate_python(said))

"""Places and the communes that hold them, by the outlines of a day."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from feedback_api.places.rules import OutlineFile

if TYPE_CHECKING:
    from feedback_api.places.outlines import Outlines

METRES_PER_DEGREE: Final = 111_195.0
"""Of latitude, on a sphere of the earth's mean radius (6,371,008.8 m)."""


class Position(NamedTuple):
    """A point in WGS 84, in degrees."""

    lat: float
    lon: float


class Nearest(NamedTuple):
    """The unit nearest to a place, with its distance in metres."""

    code: str
    distance_m: float


class Held(NamedTuple):
    """The unit that holds a place, by which outlines."""

    code: str
    by: OutlineFile


class Places:
    """The outlines that this process has read, in the order of the document."""

    def __init__(self, outlines: Sequence[tuple[OutlineFile, "Outlines"]], suggest_within_m: float) -> None:
        self._outlines = outlines
        self._within_m = suggest_within_m

    def __bool__(self) -> bool:
        """Whether the city has any outlines."""
        return bool(self._outlines)

    def by(self, day: date) -> OutlineFile | None:
        """The file that holds on that day."""
        return next((file for file, _ in self._outlines if file.valid_on(day)), None)

    def holding(self, position: Position, day: date) -> Held | None:
        """The unit whose outline the place lies in."""
        for file, outlines in self._outlines:
            if file.valid_on(day):
                code = outlines.holding(position)
                return None if code is None else Held(code, file)
        return None

    def nearest(self, position: Position, day: date) -> Nearest | None:
        """What may be suggested where no outline holds the place. Never an assignment."""
        for file, outlines in self._outlines:
            if file.valid_on(day):
                return outlines.nearest(position, self._within_m)
        return None

    def name(self, code: str, day: date) -> str:
        """As the file of the day writes it."""
        return next((outlines.names.get(code, "") for file, outlines in self._outlines if file.valid_on(day)), "")

    def described(self) -> list[str]:
        """One line for each file, for the operator who imported it."""
        return [
            f"{file.file} {file.version}: {outlines.polygons} đường bao, {len(outlines.names)} đơn vị · "
            f"{outlines.polygons} outlines, {len(outlines.names)} units; "
            f"đã sửa · repaired: {', '.join(outlines.repaired) or '-'}"
            for file, outlines in self._outlines
        ] or ["không có đường bao · no outlines"]

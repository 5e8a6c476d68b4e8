"""Where reports are, as conditions of queries: a circle or a box, found by strips of the map (`models.STRIP`).

No extension of the database is needed: within a strip the index goes by longitude, so that what is looked at is little
more than what is found.
"""

from math import cos, floor, radians
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, func, literal_column

from feedback_api.places.domain import METRES_PER_DEGREE
from feedback_api.reports.models import STRIP, feedback

EARTH_METRES: Final = 6_371_000
STRIPS_PER_DEGREE: Final = 100
HALF_ROUND: Final = 180.0
"""Degrees."""

_c = feedback.c


class Circle(NamedTuple):
    """A place, in WGS 84 degrees, and metres around it."""

    lat: float
    lon: float
    radius: float

    @property
    def box(self) -> "Box":
        """The smallest that holds it. At a pole it goes round the earth."""
        high = self.radius / METRES_PER_DEGREE
        narrowest = cos(radians(min(90.0, abs(self.lat) + high)))
        wide = high / narrowest if narrowest > high / HALF_ROUND else HALF_ROUND
        return Box(self.lon - wide, self.lat - high, self.lon + wide, self.lat + high)


class Box(NamedTuple):
    """A rectangle in WGS 84 degrees."""

    west: float
    south: float
    east: float
    north: float


def in_box(box: Box) -> list[ColumnElement[bool]]:
    """Reports in a box, its borders included. One that goes beyond the date line is taken as a whole band."""
    conditions: list[ColumnElement[bool]] = [
        literal_column(STRIP).between(floor(box.south * STRIPS_PER_DEGREE), floor(box.north * STRIPS_PER_DEGREE)),
        _c.lat.between(box.south, box.north),
    ]
    if box.west >= -HALF_ROUND and box.east <= HALF_ROUND:
        conditions.append(_c.lon.between(box.west, box.east))
    return conditions


def in_circle(circle: Circle) -> list[ColumnElement[bool]]:
    """Reports in a circle; the box that holds it first, which costs less."""
    return [*in_box(circle.box), is_within(circle, _c.lat, _c.lon)]


def is_within(circle: Circle, lat: ColumnElement[float], lon: ColumnElement[float]) -> ColumnElement[bool]:
    """Whether a place lies in the circle, by the haversine formula."""
    squared = func.power(func.sin(func.radians(lat - circle.lat) / 2), 2) + func.cos(func.radians(circle.lat)) * (
        func.cos(func.radians(lat)) * func.power(func.sin(func.radians(lon - circle.lon) / 2), 2)
    )
    return 2 * EARTH_METRES * func.asin(func.sqrt(func.least(1.0, squared))) <= circle.radius

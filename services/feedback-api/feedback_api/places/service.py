"""Looks up which commune a place lies in."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.directory.service import MISSED, Directory
from feedback_api.places.domain import Places, Position
from feedback_api.places.geojson import MAX_BYTES, FaultyOutlines, read
from feedback_api.places.rules import PlacesDocument
from feedback_api.places.schemas import CommuneOut, PlaceOut, PlaceQuery, SuggestionOut


def load(profile: Path) -> Places:
    """The outlines of the city's folder. Raises `ValueError`, with the faults by feature, if a file is faulty."""
    document = PlacesDocument.load(profile)
    if not document.outlines:
        return Places((), document.suggest_within_m)
    from feedback_api.places.outlines import Outlines  # what it imports is large, and most processes need it not

    found = []
    for file in document.outlines:
        path = profile / file.file
        try:
            if path.stat().st_size > MAX_BYTES:
                raise FaultyOutlines([f"tệp lớn hơn {MAX_BYTES} byte · the file is larger than {MAX_BYTES} bytes"])
            found.append((file, Outlines(read(path.read_bytes()))))
        except FaultyOutlines as error:
            raise FaultyOutlines([f"{file.file}: {fault}" for fault in error.faults]) from error
    return Places(found, document.suggest_within_m)


@dataclass(frozen=True, slots=True)
class PlaceLookup:
    """The use case of GET /v1/places."""

    clock: Clock
    calendar: WorkingCalendar
    places: Places
    directory: Directory

    async def at(self, query: PlaceQuery) -> PlaceOut:
        """The commune that holds the place on that day, or else the nearest as a suggestion.

        A unit that the directory does not know on that day is neither.
        """
        day = query.as_of or self.calendar.local_date(self.clock.now())
        position = Position(query.lat, query.lon)
        await self.directory.refresh(MISSED)
        held = self.places.holding(position, day)
        commune = None if held is None else self._commune(held.code, day)
        suggestion = None if held is not None else self._suggestion(position, day)
        by = self.places.by(day)
        return PlaceOut(
            as_of=day,
            commune=commune,
            suggestion=suggestion,
            version=by and by.version,
            source=by and by.source,
            licence=by and by.licence,
            status=by and by.status,
        )

    def _commune(self, code: str, day: date) -> CommuneOut | None:
        unit = self.directory.units.at(code, day)
        return None if unit is None else CommuneOut(code=code, name=unit.name or self.places.name(code, day))

    def _suggestion(self, position: Position, day: date) -> SuggestionOut | None:
        nearest = self.places.nearest(position, day)
        commune = None if nearest is None else self._commune(nearest.code, day)
        if nearest is None or commune is None:
            return None
        return SuggestionOut(code=commune.code, name=commune.name, distance_m=round(nearest.distance_m))

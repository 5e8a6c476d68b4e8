"""Query and response models of places."""

from datetime import date
from typing import Literal

from pydantic import Field

from cchc_shared.contract.provenance import Provenance
from cchc_shared.http.schemas import Day, In, Out


class PlaceQuery(In):
    """A place, in WGS 84 coordinates, and the day to look it up for."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    as_of: Day | None = Field(default=None, description="The day whose communes are meant; today if absent")


class CommuneOut(Out):
    code: str
    name: str


class SuggestionOut(CommuneOut):
    """The nearest commune. It may be the wrong one: reports are not sent there by it."""

    suggested: Literal[True] = True
    distance_m: int = Field(description="Distance in metres to its border, or to its point where only that is known")


class PlaceOut(Out):
    """The commune that holds a place; all but `as_of` is null where no outlines are known for that day."""

    as_of: date
    commune: CommuneOut | None = Field(description="The commune whose outline the place lies in")
    suggestion: SuggestionOut | None = Field(description="The nearest commune, where no outline holds the place")
    version: str | None = Field(description="Version of the outlines")
    source: str | None = Field(description="Where the outlines come from")
    licence: str | None = Field(description="Under which terms the outlines are used")
    status: Provenance | None = Field(
        description="`V` read in the source, `N` computed from published figures, `S` second-hand, "
        "`R` a default of this software, not official"
    )

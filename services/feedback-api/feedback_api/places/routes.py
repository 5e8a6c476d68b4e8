"""GET /v1/places."""

from typing import Annotated

from fastapi import APIRouter, Query

from cchc_shared.http.access import Principal, public
from cchc_shared.http.answers import stable
from cchc_shared.service.context import use
from feedback_api.places.schemas import PlaceOut, PlaceQuery
from feedback_api.places.service import PlaceLookup

router = APIRouter(tags=["places"])

Service = Annotated[PlaceLookup, use(PlaceLookup)]
AnyCaller = Annotated[Principal | None, public()]


@router.get("/v1/places", summary="Find the commune of a place", dependencies=[stable(60)])
async def find(service: Service, _: AnyCaller, query: Annotated[PlaceQuery, Query()]) -> PlaceOut:
    """Shows the commune whose outline holds the place on that day. Where no outline does, the nearest commune is
    suggested with its distance; a suggestion decides nothing."""
    return await service.at(query)

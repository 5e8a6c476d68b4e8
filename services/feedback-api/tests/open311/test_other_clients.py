"""More clients that were written for other cities: `georeport` (Austin, Bloomington, Boston, Chicago), the robot
`civicbot`, which holds its forms against the services first, and what others do where their requests are known."""

import asyncio
import importlib
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
import requests

from ..conftest import HOME_AFFAIRS, People, Service
from .conftest import ANSWERED, APP, PLACE, Open311
from .test_clients import ToService

T = TypeVar("T")
ROOT = "http://feedback/open311/v2"
Run = Callable[[Callable[[], T]], Any]


@pytest.fixture
def beside(service: Service, monkeypatch: pytest.MonkeyPatch) -> Run[Any]:
    """Runs a call of a library that waits beside the event loop; what it asks for comes from the service."""

    async def run(call: Callable[[], T]) -> T:
        session = requests.Session()
        session.mount("http://", ToService(service, asyncio.get_running_loop()))
        monkeypatch.setattr(requests, "get", session.get)
        return await asyncio.to_thread(call)

    return run


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_georeport_reads_all_that_there_is(open311: Open311, beside: Run[Any], people: People, form: str) -> None:
    first, second = await open311.sent(description="Đèn hỏng"), await open311.sent(service_code="trees")
    await open311.handle(first, people, *ANSWERED)
    client = importlib.import_module("georeport").GeoReport(ROOT, jurisdiction="hanoi.vn", output_format=form)
    services = await beside(client.get_service_list)
    assert {"lighting", "trees"} <= {each["service_code"] for each in services}
    assert {str(each["metadata"]).lower() for each in services} == {"true", "false"}
    definition = await beside(lambda: client.get_service_definition("flooding"))
    attributes = definition["attributes"]
    assert len(attributes if form == "json" else attributes["attribute"]) > 5
    found = await beside(lambda: client.get_service_requests(start_date="2026-11-01T00:00:00Z"))
    assert [each["service_request_id"] for each in found] == [second, first]
    both = await beside(lambda: client.get_service_requests(service_request_id=f"{first},{second}", status="open"))
    assert len(both) == 2  # ids count alone
    one = await beside(lambda: client.get_service_requests(status="closed"))
    assert (one[0] if form == "json" else one)[
        "service_request_id"
    ] == first  # of one element its XML reader makes none
    read = await beside(lambda: client.get_service_request(first))
    assert (read["status"], read["description"]) == ("closed", "Đèn hỏng")


def civicbot(service: Service) -> Any:  # noqa: ANN401 - the library is imported by name
    """A client of it, which asks the service in this process."""
    http, registry = importlib.import_module("civicbot.http"), importlib.import_module("civicbot.registry")
    loop = asyncio.get_running_loop()

    class Transport(http.HttpTransport):  # type: ignore[name-defined, misc]
        def _open(self, request: urllib.request.Request) -> bytes:
            body: Any = request.data
            asked = service.client.request(
                request.get_method(), request.full_url, headers=dict(request.header_items()), content=body
            )
            answer = asyncio.run_coroutine_threadsafe(asked, loop).result(timeout=60)
            if answer.status_code >= 400:
                raise http.HttpError(answer.status_code, request.full_url, answer.text)
            return answer.content

    city = registry.Endpoint("hanoi", "Hà Nội", ROOT, write=True)
    return importlib.import_module("civicbot.open311").Open311Client(city, Transport(), jurisdiction_id="hanoi.vn")


async def test_civicbot_checks_and_files_a_request(service: Service) -> None:
    client = civicbot(service)
    place = {"lat": 21.028511, "lng": 105.804817}
    sent = {
        "dry_run": False,
        "confirm": "SEND",
        "api_key": APP,
        "validate_remote": True,
        **place,
        "description": "Ngõ ngập nước & chưa rút",
        "email": "binh@example.org",
        "attributes": {
            "since": "2026-11-18T06:00:00+07:00",
            "extent": "lane",
            "depth_cm": "25.5",
            "affected": ["traffic", "houses"],
        },
    }
    filed = await asyncio.to_thread(lambda: client.create_request("flooding", **sent))
    code = filed.response[0]["service_request_id"]
    found = await asyncio.to_thread(lambda: client.get_request(code))
    assert (found["description"], found["lat"]) == ("Ngõ ngập nước & chưa rút", place["lat"])
    listed = await asyncio.to_thread(lambda: client.list_requests(service_code="flooding", status="open", page_size=10))
    assert [each["service_request_id"] for each in listed] == [code]
    # What it finds wrong by our definition is what we refuse.
    invalid = importlib.import_module("civicbot.open311").ValidationError
    with pytest.raises(invalid, match="required attribute 'since' missing"):
        await asyncio.to_thread(lambda: client.create_request("flooding", **{**sent, "attributes": {}}))
    batch = await asyncio.to_thread(
        lambda: client.create_request("other", dry_run=False, confirm="SEND", api_key=APP, address_string="12 phố Huế")
    )
    (named,) = await asyncio.to_thread(lambda: client.get_token(batch.response[0]["token"]))
    assert named["service_request_id"] != code
    refused = importlib.import_module("civicbot.http").HttpError
    with pytest.raises(refused, match="403"):
        await asyncio.to_thread(
            lambda: client.create_request("trees", dry_run=False, confirm="SEND", api_key="wrong", **place)
        )


async def test_chicagorequests_takes_a_day_page_by_page(open311: Open311) -> None:
    """As `chicagorequests` 0.0.5 asks: days of its zone with microseconds, 200 a page, until one is not full."""
    codes = {await open311.sent(description=str(number)) for number in range(5)}
    midnight = datetime(2026, 11, 17, 23, 0, tzinfo=UTC).astimezone()
    args: dict[str, Any] = {
        "extensions": "true",
        "service_code": "lighting,trees",
        "start_date": midnight.isoformat(),
        "end_date": (midnight + timedelta(days=1, microseconds=-1)).isoformat(),
        "page": 1,
        "page_size": 2,
    }
    found: list[str] = []
    while True:
        page = (await open311.client.get("/open311/v2/requests.json", params=args)).json()
        found += [each["service_request_id"] for each in page]
        if len(page) < args["page_size"]:
            break
        args["page"] += 1
    assert (len(found), set(found)) == (5, codes)


async def test_an_address_is_never_missing(open311: Open311, service: Service, people: People) -> None:
    """`boston311` 0.1.1 fails on a request without one: where there is none, the coordinates say where it is."""
    code = await open311.sent()
    (found,) = await open311.get(f"requests/{code}", "service_requests")
    assert found["address"] == f"{PLACE['lat']}, {PLACE['long']}"
    elsewhere = str((await service.post({"unit": HOME_AFFAIRS})).json()["code"])
    await open311.handle(elsewhere, people, *ANSWERED, "publish")
    (nowhere,) = await open311.get(f"requests/{elsewhere}", "service_requests")
    assert (nowhere["address"], nowhere["lat"]) == (None, None)

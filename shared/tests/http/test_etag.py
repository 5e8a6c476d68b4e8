"""What was not seen is not overwritten."""

from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter

from cchc_shared.http.access import Principal, public
from cchc_shared.http.etag import IfMatch, SeenVersion, stale
from cchc_shared.service.app import create_app
from cchc_shared.service.settings import ServiceSettings

router = APIRouter()


@router.put("/things/1")
async def put(version: IfMatch, _: Annotated[Principal | None, public()]) -> dict[str, int]:
    if 5 not in version:
        raise stale(5)
    return {"version": 6}


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 428),
        ('"5"', 200),
        ("5", 200),
        ('"4"', 412),
        ('W/"5"', 200),
        ('W/"4"', 412),
        ("*", 200),
        ('"4", "5"', 200),
        ('"4",W/"5" , "6"', 200),
        ('"3", "4"', 412),
        ('"4", *', 422),
        ('"4";"5"', 422),
        (", ".join(['"4"'] * 11 + ['"5"']), 200),
        ('"5-gzip"', 412),
        ('"5-gzip", "5"', 200),
        ('"4,5"', 412),
        ('"4"  ,\t"5"', 200),
        (',, "5" ,', 200),
        ('"five"', 412),
        ('"٥"', 412),
        ('"-5"', 412),
        ('"99999999999999"', 412),
        ('""', 412),
        ("", 422),
        (",", 422),
        ("five", 422),
        ('"5', 422),
        ('"5" "5"', 422),
        ('"5"' + " " * 2000 + "x", 422),
        (['"4"', '"5"'], 200),
        (['"4"', '"3"'], 412),
        (['"5"', "*"], 422),
        (['"5"', "five"], 422),
    ],
)
async def test_a_change_names_the_version_it_saw(tmp_path: Path, header: str | list[str] | None, status: int) -> None:
    settings = ServiceSettings(database_url="postgresql://none", jwks_url="file:///none", CCHC_PROFILE=tmp_path)
    app = create_app(name="test", settings=settings, routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        lines = [] if header is None else [header] if isinstance(header, str) else header
        answer = await client.put("/things/1", headers=[(b"If-Match", line.encode()) for line in lines])
    assert answer.status_code == status
    if status == 422:
        assert [error["field"] for error in answer.json()["errors"]] == ["header.If-Match"]
    if status == 412:
        assert answer.headers["etag"] == '"5"'


@pytest.mark.parametrize(
    ("tags", "newest"),
    [
        (None, 5),
        ({"5"}, 5),
        ({"3", "4"}, 4),
        ({"6", "3"}, 3),
        ({"6"}, None),
        ({"five", "4-gzip", "²", ""}, None),
        (set(), None),
    ],
)
def test_the_newest_version_that_a_caller_saw(tags: set[str] | None, newest: int | None) -> None:
    assert SeenVersion(None if tags is None else frozenset(tags)).newest(5) == newest

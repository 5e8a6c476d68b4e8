"""Places over HTTP, and reports that go to the commune of their place."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import insert

from cchc_shared.directory.models import units
from feedback_api.places import __main__ as command
from feedback_api.places.geojson import FaultyOutlines
from feedback_api.places.service import load
from feedback_api.settings import FeedbackSettings

from ..conftest import CENTRE, PROFILE, People, Service
from .maps import collection, corner, feature, square

WEST, EAST, GONE, POINT = "00004", "00008", "00001", "00070"


def profile(folder: Path, *features: dict[str, Any], **others: object) -> Path:
    """The city's folder with these outlines."""
    made = folder / "profile"
    shutil.copytree(PROFILE, made, dirs_exist_ok=True)
    (made / "made.geojson").write_bytes(collection(features))
    document = yaml.safe_load((made / "places.yaml").read_text("utf-8"))
    document["outlines"] = [
        {
            "file": "made.geojson",
            "version": "t1",
            "valid_from": date(2025, 7, 1),
            "source": "made by this test",
            "licence": "CC0",
            "status": "R",
        }
        | others
    ]
    (made / "places.yaml").write_text(yaml.safe_dump(document), "utf-8")
    return made


@pytest.fixture
def settings(settings: FeedbackSettings, tmp_path: Path) -> FeedbackSettings:
    made = profile(
        tmp_path,
        square(WEST, 0, 0),
        square(EAST, 1, 0),
        square("99999", 2, 0),  # the directory does not know it
        feature(POINT, "Point", corner(5, 0)),
    )
    return settings.model_copy(update={"profile": made})


@pytest.fixture
async def city(service: Service) -> Service:
    """Two communes, their forebears, and a commune that is but a point."""
    since, end = date(2025, 7, 1), date(2025, 6, 30)
    rows = [
        (WEST, "Phường Ba Đình", since, None, []),
        (EAST, "Phường Ngọc Hà", since, None, []),
        (POINT, "Phường Hoàn Kiếm", since, None, []),
        (GONE, "Phường Phúc Xá", None, end, [WEST]),
        ("001", "Quận Ba Đình", None, end, [WEST, EAST]),
        ("002", "Quận Hoàn Kiếm", None, end, []),
    ]
    async with service.here.engine.begin() as conn:
        await conn.execute(
            insert(units),
            [
                {
                    "subject": f"{code}@{first}",
                    "version": 1,
                    "code": code,
                    "name": name,
                    "kind": "commune",
                    "valid_from": first,
                    "valid_to": last,
                    "successors": successors,
                }
                for code, name, first, last, successors in rows
            ],
        )
    await service.directory.refresh()
    return service


def place(column: float, row: float) -> dict[str, float]:
    lon, lat = corner(column, row)
    return {"lat": lat, "lon": lon}


async def look_up(city: Service, where: dict[str, float], **query: str) -> dict[str, Any]:
    answer = await city.client.get("/v1/places", params={**where, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_commune_of_a_place(city: Service) -> None:
    found = await look_up(city, place(0.5, 0.5))
    assert found == {
        "as_of": "2026-11-18",
        "commune": {"code": WEST, "name": "Phường Ba Đình"},
        "suggestion": None,
        "version": "t1",
        "source": "made by this test",
        "licence": "CC0",
        "status": "R",
    }


async def test_outside_all_outlines_the_nearest_is_suggested(city: Service) -> None:
    found = await look_up(city, place(1.5, 1.5))
    assert found["commune"] is None
    assert found["suggestion"] == {"code": EAST, "name": "Phường Ngọc Hà", "suggested": True, "distance_m": 556}
    near_a_point = await look_up(city, place(5, 0))
    assert (near_a_point["commune"], near_a_point["suggestion"]["code"]) == (None, POINT)
    assert near_a_point["suggestion"]["distance_m"] == 0
    far = await look_up(city, {"lat": 10.0, "lon": 106.0})
    assert (far["commune"], far["suggestion"], far["version"]) == (None, None, "t1")


async def test_outlines_hold_in_their_period_and_communes_in_theirs(city: Service) -> None:
    before = await look_up(city, place(0.5, 0.5), as_of="2025-06-30")
    assert [before[name] for name in ("commune", "suggestion", "source", "status")] == [None] * 4
    unknown = await look_up(city, place(2.5, 0.5))
    assert (unknown["commune"], unknown["suggestion"]) == (None, None)


async def test_a_place_off_the_earth_is_refused(city: Service) -> None:
    for where in ("lat=91&lon=0", "lat=0&lon=181", "lat=nan&lon=0", "lat=0"):
        assert (await city.client.get(f"/v1/places?{where}")).status_code == 422


async def sent(city: Service, people: People, **body: object) -> dict[str, Any]:
    """A report as the desk reads it."""
    answer = await city.post(body)
    assert answer.status_code == 201, answer.text
    seen: dict[str, Any] = (await city.client.get(answer.headers["location"], headers=people["desk"])).json()
    return seen


async def test_a_report_on_the_spot_goes_to_the_commune_of_its_place(city: Service, people: People) -> None:
    seen = await sent(city, people, kind="on_site", location=place(1.5, 0.5))
    assert seen["unit"] == EAST
    assert (seen["routing"]["by"], seen["routing"]["rule"]) == ("rule", "on-site-commune")
    matched = {"kind": "on_site", "place": {"unit": EAST, "outlines": "t1", "status": "R"}}
    assert seen["routing"]["matched"] == matched
    for elsewhere in (place(2.5, 0.5), place(5, 0), {"lat": 0.0, "lon": 0.0}):  # not known, but a point, far away
        seen = await sent(city, people, kind="on_site", location=elsewhere)
        assert (seen["unit"], seen["routing"]["by"]) == (CENTRE, "queue")


async def test_a_unit_that_is_gone_is_followed(city: Service, people: People) -> None:
    for word in (GONE, "Phường Phúc Xá", "phuong phuc xa"):
        seen = await sent(city, people, unit=word)
        assert seen["unit"] == WEST
        assert seen["routing"] == {"by": "successor", "named": [GONE], "candidates": [WEST]}
    seen = await sent(city, people, unit="Phường Ngọc Hà")
    assert (seen["unit"], seen["routing"]) == (EAST, {"by": "sender"})


async def test_of_several_successors_the_place_decides_or_else_the_desk(city: Service, people: People) -> None:
    seen = await sent(city, people, unit="001", location=place(1.5, 0.5))
    assert (seen["unit"], seen["routing"]["by"], seen["routing"]["candidates"]) == (EAST, "successor", [WEST, EAST])
    assert seen["routing"]["matched"]["place"]["unit"] == EAST
    for where in (None, place(5, 0)):
        seen = await sent(city, people, unit="001", location=where)
        assert (seen["unit"], seen["routing"]["by"]) == (CENTRE, "queue")
        assert (seen["routing"]["named"], seen["routing"]["candidates"]) == (["001"], [WEST, EAST])
    seen = await sent(city, people, unit="002")
    assert (seen["unit"], seen["routing"]["by"], seen["routing"]["candidates"]) == (CENTRE, "queue", [])


async def test_what_was_never_a_unit_is_refused_with_names_that_are_near(city: Service) -> None:
    answer = await city.post({"unit": "Phường Ba Dih"}, **{"Accept-Language": "en"})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == "body.unit"
    assert "Phường Ba Đình (00004)" in error["message"]


async def test_the_queue_is_listed(city: Service, people: People) -> None:
    await sent(city, people, kind="on_site", location=place(1.5, 0.5))
    await sent(city, people, unit=GONE)
    await sent(city, people, unit=EAST)
    waiting = await sent(city, people)
    for routed, expected in (("queue", [CENTRE]), ("rule", [EAST]), ("successor", [WEST]), ("sender", [EAST])):
        answer = await city.client.get("/v1/feedback", params={"routed": routed}, headers=people["desk"])
        assert [item["unit"] for item in answer.json()["items"]] == expected
    answer = await city.client.get("/v1/feedback", params={"routed": "queue"}, headers=people["desk"])
    assert [item["code"] for item in answer.json()["items"]] == [waiting["code"]]
    assert (await city.client.get("/v1/feedback?routed=fate", headers=people["desk"])).status_code == 422


def test_a_faulty_file_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faulty = profile(tmp_path, feature("a", "Point", [200, 0]))
    with pytest.raises(FaultyOutlines, match=r"made\.geojson.*1 \(a\)"):
        load(faulty)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.argv", ["places", str(faulty)])
        assert command.main() == 1
        assert "made.geojson" in capsys.readouterr().err
        profile(tmp_path, square(WEST, 0, 0))
        assert command.main() == 0
        assert "1 outlines, 1 units" in capsys.readouterr().out
        patched.setattr("sys.argv", ["places", str(PROFILE)])
        assert command.main() == 0
        patched.setattr("sys.argv", ["places"])
        assert command.main() == 2

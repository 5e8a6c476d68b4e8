"""The register of responsibility over HTTP: kept by one authority, seen by nobody else, and never rewritten."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from cchc_shared.contract.codes import Role
from tasks_api.metadata import outbox
from tasks_api.responsibility.models import responsibility_entries
from tests.support.http import Headers, Json
from tests.support.tasks import Api

UNIT = "so-noi-vu"
PATH = "/v1/responsibility"
ENTRY: dict[str, Any] = {
    "kind": "review",
    "unit": UNIT,
    "happened_on": "2024-05-31",
    "cause": "Chậm trả lời, không báo cáo",
    "tasks": ["KH-2024-0001.1"],
    "reports": ["PA-2024-000001"],
    "document_no": "12/TB-SNV",
    "document_on": "2024-06-01",
    "outcome": "Kiểm điểm, rút kinh nghiệm",
}
OTHERS = [role for role in Role if role is not Role.SCORING_BOARD]


def keeper(api: Api) -> Headers:
    return api.token("scoring_board", unit=UNIT, sub="keeper")


async def enter(api: Api, **more: object) -> Json:
    answer = await api.send("POST", PATH, keeper(api), json=ENTRY | more)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{PATH}/{answer.json()['id']}"
    return dict(answer.json())


async def correct(api: Api, entry: Json, version: int, **more: object) -> httpx.Response:
    headers = keeper(api) | {"If-Match": f'"{version}"'}
    return await api.send("PUT", f"{PATH}/{entry['id']}", headers, json=ENTRY | more)


async def test_an_entry_names_the_head_of_that_day(city: Api) -> None:
    entry = await enter(city)
    assert entry["head"]["office"] == "Người đứng đầu Sở Nội vụ"
    assert {name: entry[name] for name in ENTRY} == ENTRY
    assert (await city.get(f"{PATH}/{entry['id']}", keeper(city))).json() == entry


async def test_an_entry_keeps_the_name_of_who_headed_the_unit_then(city: Api) -> None:
    heads = [
        {"name": "Nguyễn Văn An", "office": "Giám đốc Sở", "valid_from": "2024-01-01", "valid_to": "2024-05-31"},
        {"name": "Trần Thị Bình", "office": "Quyền Giám đốc Sở", "valid_from": "2024-06-01", "valid_to": None},
    ]
    answer = await city.send("PUT", f"/v1/units/{UNIT}/heads", city.operator, json={"heads": heads})
    assert answer.status_code == 200, answer.text
    entry = await enter(city)
    assert entry["head"] == {"office": "Giám đốc Sở", "name": "Nguyễn Văn An"}
    after = await correct(city, entry, 1, happened_on="2024-06-01")
    assert after.json()["head"] == {"office": "Quyền Giám đốc Sở", "name": "Trần Thị Bình"}


async def test_a_correction_is_a_new_version(city: Api) -> None:
    entry = await enter(city)
    after = await correct(city, entry, 1, kind="discipline", outcome="Khiển trách")
    assert (after.status_code, after.json()["version"], after.headers["etag"]) == (200, 2, '"2"')
    assert (await correct(city, entry, 1)).status_code == 412
    gone = await city.send("POST", f"{PATH}/{entry['id']}/withdraw", keeper(city) | {"If-Match": '"2"'})
    assert (gone.status_code, gone.json()["withdrawn"]) == (200, True)
    assert (await correct(city, entry, 3)).json()["code"] == "entry-withdrawn"
    history = (await city.get(f"{PATH}/{entry['id']}/history", keeper(city))).json()["items"]
    assert [(each["version"], each["kind"], each["withdrawn"]) for each in history] == [
        (1, "review", False), (2, "discipline", False), (3, "discipline", True),
    ]  # fmt: skip
    assert (await city.get(PATH, keeper(city))).json()["items"] == []


async def test_the_list(city: Api) -> None:
    entries = [
        await enter(city, kind=kind, happened_on=f"2024-05-0{day}") for day, kind in ((1, "praise"), (2, "review"))
    ]
    other = await enter(city, unit="so-y-te")

    async def found(**query: str | int) -> list[str]:
        return [each["id"] for each in (await city.get(PATH, keeper(city), **query)).json()["items"]]

    assert await found() == [other["id"], entries[1]["id"], entries[0]["id"]]
    assert await found(unit=UNIT) == [entries[1]["id"], entries[0]["id"]]
    assert await found(kind="praise") == [entries[0]["id"]]
    assert await found(since="2024-05-02", until="2024-05-02") == [entries[1]["id"]]
    page = (await city.get(PATH, keeper(city), limit=2)).json()
    rest = (await city.get(PATH, keeper(city), limit=2, cursor=page["next_cursor"])).json()
    assert [each["id"] for each in page["items"] + rest["items"]] == await found()
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("role", OTHERS)
async def test_nobody_else_may_look_or_write(city: Api, role: Role) -> None:
    """Not those whom it is about, and not who oversees them."""
    entry = await enter(city)
    one = f"{PATH}/{entry['id']}"
    who = city.token(role, unit=UNIT) | {"If-Match": '"1"'}
    calls = [("GET", PATH), ("POST", PATH), ("GET", one), ("PUT", one), ("POST", f"{one}/withdraw")]
    for method, path in [*calls, ("GET", f"{one}/history")]:
        given: Any = {"json": ENTRY} if method in {"POST", "PUT"} else {}
        assert (await city.send(method, path, who, **given)).status_code == 403, (method, path)
    assert (await city.get(one)).status_code == 401


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"unit": "khong-co"}, "unit"),
        ({"happened_on": "2024-06-04"}, "happened_on"),
        ({"document_on": "2024-06-04"}, "document_on"),
        ({"tasks": ["KH-2024-0001.1", "NV-2024-999999"]}, "tasks.1"),
        ({"inspections": ["KT-2024-000001"]}, "inspections.0"),
        ({"cause": ""}, "cause"),
        ({"kind": "blame"}, "kind"),
    ],
)
async def test_what_is_refused(city: Api, fields: dict[str, Any], field: str) -> None:
    answer = await city.send("POST", PATH, keeper(city), json=ENTRY | fields)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, f"body.{field}"), answer.text


async def test_an_unannounced_inspection_cannot_be_found_out_by_it(city: Api) -> None:
    """Before it starts it does not exist, here neither."""
    plan: dict[str, Any] = {
        "inspecting_unit": "so-y-te",
        "inspected_unit": UNIT,
        "planned_from": "2024-06-20",
        "subject": "Kỷ cương",
    }
    plan |= {"document_no": "7/QĐ", "unannounced": True}
    planned = (await city.send("POST", "/v1/inspections", city.coordinator, json=plan)).json()["code"]
    refused = await city.send("POST", PATH, keeper(city), json=ENTRY | {"inspections": [planned]})
    assert refused.json()["errors"][0]["field"] == "body.inspections.0"
    path, inspector = f"/v1/inspections/{planned}/actions/start", city.officer("so-y-te") | {"If-Match": '"1"'}
    assert (await city.send("POST", path, inspector, json={})).status_code == 200
    assert (await enter(city, inspections=[planned]))["inspections"] == [planned]


async def test_nothing_of_it_leaves_the_register(
    city: Api, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """No event, no line of a log, no metric holds a word of it."""
    async with city.here.engine.connect() as conn:
        before = len((await conn.execute(select(outbox))).all())
    entry = await enter(city, cause="Ông Trần Văn Khôngai chậm trễ", outcome="Khiển trách Khôngai")
    await correct(city, entry, 1, cause="Khôngai vi phạm")
    async with city.here.engine.connect() as conn:
        assert len((await conn.execute(select(outbox))).all()) == before
    said = capsys.readouterr()
    metrics = (await city.get("/metrics")).text
    for words in (said.out, said.err, caplog.text, metrics):
        assert "Khôngai" not in words
        assert json.dumps("Khôngai") not in words
        assert entry["id"] not in metrics


async def test_what_was_entered_cannot_be_rewritten(city: Api) -> None:
    await enter(city)
    for change in (update(responsibility_entries).values(cause="x"), delete(responsibility_entries)):
        with pytest.raises(DBAPIError):
            async with city.here.engine.begin() as conn:
                await conn.execute(change)

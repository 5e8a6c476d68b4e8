"""Every list as a file: the rows that the list shows to this caller under the same filters, and no others."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.cells import plain
from cchc_shared.files.settings import TakingSettings
from cchc_shared.service.sheets import Sheet, columns_of, model_in
from tasks_api.bootstrap import build_app
from tasks_api.closings.domain import Figures, UnitRow
from tasks_api.closings.domain import Sheet as MonthSheet
from tasks_api.closings.repository import Closed, store
from tasks_api.closings.sheets import MONTH
from tasks_api.consultations.sheets import CONSULTATIONS, STATISTICS
from tasks_api.documents.sheets import DOCUMENTS
from tasks_api.inspections import sheets as inspections
from tasks_api.kpi import sheets as kpi
from tasks_api.overviews import sheets as overviews
from tasks_api.plans.sheets import PLANS, PROGRESS, ROWS
from tasks_api.progress import sheets as progress
from tasks_api.progress_reports.sheets import OBSTACLES, REPORTS
from tasks_api.reassignments import sheets as reassignments
from tasks_api.responsibility import sheets as responsibility
from tasks_api.submissions.sheets import SUBMISSIONS
from tasks_api.tasks.sheets import TASKS
from tasks_api.units.sheets import UNITS
from tests.support.databases import Database, Templates
from tests.support.http import Headers, Query
from tests.support.tasks import Api
from tests.support.tokens import TestTokens

from .conftest import BEGIN, running, settings_for

LISTS: dict[str, Sheet] = {
    "/v1/units": UNITS,
    "/v1/plans": PLANS,
    "/v1/plans/{code}/progress": PROGRESS,
    "/v1/plans/{code}/rows": ROWS,
    "/v1/tasks": TASKS,
    "/v1/tasks/{code}/progress-reports": REPORTS,
    "/v1/obstacles": OBSTACLES,
    "/v1/progress": progress.PROGRESS,
    "/v1/progress/months/{month}": MONTH,
    "/v1/overviews/late": overviews.LATE,
    "/v1/overviews/waiting": overviews.WAITING,
    "/v1/overviews/handovers": overviews.HANDOVERS,
    "/v1/overviews/silent": overviews.SILENT,
    "/v1/overviews/returned": overviews.RETURNED,
    "/v1/units/{code}/kpi": kpi.KPI,
    "/v1/responsibility": responsibility.REGISTER,
    "/v1/units/reassignments/waiting": reassignments.WAITING,
    "/v1/units/reassignments/{run}": reassignments.OUTCOMES,
    "/v1/documents": DOCUMENTS,
    "/v1/inspections": inspections.INSPECTIONS,
    "/v1/inspections/progress": inspections.PROGRESS,
    "/v1/recommendations": inspections.RECOMMENDATIONS,
    "/v1/consultations": CONSULTATIONS,
    "/v1/consultations/statistics": STATISTICS,
    "/v1/submissions": SUBMISSIONS,
}
EMPTY = {
    "/v1/overviews/handovers",
    "/v1/overviews/returned",
    "/v1/overviews/waiting",
    "/v1/responsibility",
    "/v1/units/reassignments/waiting",
    "/v1/units/reassignments/{run}",
}
"""Nothing stands in these here; they are compared all the same."""
NOT_FOR_PAPER = {"/v1/units/{code}/calendar-links", "/v1/notifications", "/v1/mails"}
"""Keys of calendars, what is said to one reader, and how it was sent."""
PLAN, LEAD, HELPER, STRANGER = "KH-2024-0001", "so-noi-vu", "so-tu-phap", "so-y-te"
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FORMULA = '=HYPERLINK("http://x","Quý")'
TITLES = [FORMULA, "'=1+1", "+84 24 3825 3536", "-1", "@SUM(A1)", "một; hai, “ba”\nbốn", "01/02"]


@pytest.fixture(scope="session")
def busy_template(templates: Templates, city_template: str, tokens: TestTokens) -> str:
    """A database of the city with something in every list."""

    async def fill(settings: TakingSettings) -> None:
        async with running(settings, tokens, FixedClock(BEGIN)) as city:
            await work_in(city)

    return templates.made("busy", lambda database: asyncio.run(fill(settings_for(database, tokens))), city_template)


@pytest.fixture
def busy_database(templates: Templates, busy_template: str) -> Iterator[Database]:
    with templates.copied(busy_template) as database:
        yield database


@pytest.fixture
async def busy(busy_database: Database, tokens: TestTokens, clock: FixedClock) -> AsyncIterator[Api]:
    """The city with something in every list."""
    async with running(settings_for(busy_database, tokens), tokens, clock) as api:
        yield api


async def work_in(city: Api) -> None:
    """Brings something into every list."""
    for title in TITLES:
        body = {"title": title, "lead_unit": LEAD, "coordinating_units": [HELPER], "due_on": "2024-06-30"}
        task = (await city.send("POST", "/v1/tasks", city.coordinator, json=body)).json()["code"]
    progress = {"percent": 40, "content": "=Đã rà soát", "obstacles": "+Thiếu kinh phí"}
    reported = await city.send("POST", f"/v1/tasks/{task}/progress-reports", city.officer(LEAD), json=progress)
    assert reported.status_code == 201, reported.text
    question = {
        "unit": HELPER, "question": "Cho ý kiến", "relevance": "Pháp chế", "main_contents": ["A", "B"],
        "kind": "city_administration", "working_days": 3,
    }  # fmt: skip
    asked = await city.send("POST", f"/v1/tasks/{task}/consultations", city.officer(LEAD), json=question)
    await city.send(
        "POST",
        f"/v1/consultations/{asked.json()['id']}/actions/answer",
        city.officer(HELPER) | {"If-Match": '"1"'},
        json={"opinion": "disagree", "content": "=1", "per_content": [
            {"content": "A", "opinion": "disagree", "reason": "Vượt định mức"}, {"content": "B", "opinion": "agree"},
        ]},
    )  # fmt: skip
    document = {"kind": "meeting", "dated_on": "2024-06-01", "sender": "Thường trực", "subject": "@Kết luận"}
    assert (await city.send("POST", "/v1/documents", city.coordinator, json=document)).status_code == 201
    papers = {"to_unit": STRANGER, "subject": "-Đề án", "consultations": [asked.json()["id"]]}
    assert (
        await city.send("POST", f"/v1/tasks/{task}/submissions", city.officer(LEAD), json=papers)
    ).status_code == 201
    planned = {
        "inspecting_unit": LEAD, "inspected_unit": HELPER, "subject": "@Kỷ cương", "unannounced": True,
        "planned_from": "2024-06-04",
    }  # fmt: skip
    for _ in range(2):
        await city.send("POST", "/v1/inspections", city.coordinator, json=planned)
    inspector = city.officer(LEAD)
    await city.send("POST", "/v1/inspections/KT-2024-0001/actions/start", inspector | {"If-Match": '"1"'}, json={})
    tree = {"number": 1, "text": "Kết luận", "due_on": "2024-06-30", "recommendations": [{"number": 1, "text": "+Sửa"}]}
    concluded = {"conclusion_no": "1/KL", "conclusions": [tree]}
    concluding = inspector | {"If-Match": '"2"'}
    done = await city.send("POST", "/v1/inspections/KT-2024-0001/actions/conclude", concluding, json=concluded)
    assert done.status_code == 200, done.text
    await close_a_month(city)


async def close_a_month(api: Api) -> None:
    """As the worker stores it."""
    now, row = api.here.clock.now(), Figures(carried_over=2, total=2, open=2, overdue=1)
    sheet = MonthSheet(
        month="2024-05", version=1, as_of=date(2024, 5, 31), known_at=now, carried_from=None, carried_known_at=now,
        closed_at=now, rule="x", rules_version="1", reason=None, total=row + row,
        units=[UnitRow(LEAD, "Sở Nội vụ", row), UnitRow(HELPER, "=Sở Tư pháp", row)],
    )  # fmt: skip
    async with api.here.engine.begin() as conn:
        await store(conn, sheet, Closed.of(sheet), None)


def callers(api: Api) -> dict[str, Headers]:
    return {
        "office": api.coordinator,
        "lead": api.officer(LEAD),
        "asked": api.head(HELPER),
        "stranger": api.officer(STRANGER),
        "of no unit": api.token("officer"),
        "operator": api.operator,
        "citizen": api.token("citizen"),
    }


FILTERS: dict[str, list[dict[str, Query]]] = {
    "/v1/progress": [{"by": "unit"}, {"by": "plan"}, {"by": "month", "unit": LEAD}, {}],
    "/v1/progress/months/{month}": [{}, {"unit": HELPER}, {"version": 1}, {"version": 2}],
    "/v1/units/{code}/kpi": [{"period": "2024"}, {"period": "2024-06"}, {}],
    "/v1/tasks": [{}, {"unit": LEAD, "role": "lead"}, {"q": "quý"}, {"overdue": True}, {"plan": PLAN}, {"limit": 2}],
    "/v1/units": [{}, {"kind": "commune", "as_of": "2024-06-03"}, {"q": "hoan kiem"}],
    "/v1/consultations": [{}, {"status": "answered"}, {"asker": HELPER}],
    "/v1/inspections": [{}, {"inspected_unit": HELPER}, {"status": "planned"}, {"status": "nothing"}],
    "/v1/inspections/progress": [{}, {"unit": HELPER}],
    "/v1/consultations/statistics": [{}, {"asker": LEAD}],
}


async def place_of(api: Api, path: str) -> str:
    """The path of a list; below a task, of the newest."""
    [newest] = (await api.get("/v1/tasks", api.coordinator, limit=1)).json()["items"]
    path = path.replace("/tasks/{code}", f"/tasks/{newest['code']}").replace("/units/{code}", f"/units/{LEAD}")
    return path.replace("{code}", PLAN).replace("{run}", "1").replace("{month}", "2024-05")


async def listed(api: Api, path: str, who: Headers, query: dict[str, Query]) -> list[Any] | int:
    """Every item of the list; or the status with which it is refused."""
    items: list[Any] = []
    cursor: dict[str, Query] = {}
    while True:
        answer = await api.get(path, who, **query, **cursor)
        if answer.status_code != 200:
            return answer.status_code
        body = answer.json()
        items += body.get("items", [body])
        if body.get("next_cursor") is None:
            return items
        cursor = {"cursor": body["next_cursor"]}


async def exported(api: Api, path: str, who: Headers, query: dict[str, Query]) -> list[dict[str, str]] | int:
    """The rows of the .csv by heading; or the status with which it is refused."""
    answer = await api.get(f"{path}/export.csv", who, **query)
    if answer.status_code != 200:
        return answer.status_code
    rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    headings = next(rows)
    assert len(set(headings)) == len(headings)
    return [{name: plain(cell) for name, cell in zip(headings, row, strict=True)} for row in rows]


def shown(value: object, words: dict[str, str]) -> str:
    """A value of the JSON as a cell."""
    if isinstance(value, list):
        return "\n".join(shown(each, words) for each in value)
    if isinstance(value, dict):
        return " · ".join(filter(None, (shown(each, words) for each in value.values())))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, str) and value.endswith("Z"):
        return f"{datetime.fromisoformat(value).astimezone(HANOI):%Y-%m-%d %H:%M:%S}"
    return words.get(str(value), str(value))


def row_of(item: dict[str, Any], sheet: Sheet, above: str = "") -> dict[str, str]:
    """The cells of an item by heading, without those for names of units."""
    cells: dict[str, str] = {}
    for name, value in item.items():
        place = f"{above}{name}"
        if place in sheet.without:
            continue
        words = {str(code): word for code, word in sheet.words.get(place, {}).items()}
        if isinstance(value, dict) and place in sheet.headings:
            cells[sheet.headings[place]] = "\n".join(f"{words.get(key, key)}: {each}" for key, each in value.items())
        elif isinstance(value, dict):
            cells |= row_of(value, sheet, f"{place}.")
        elif place in sheet.headings:
            cells[sheet.headings[place]] = shown(value, words)
    return cells


@pytest.mark.parametrize("path", LISTS)
async def test_the_rows_are_those_of_the_list(busy: Api, clock: FixedClock, path: str) -> None:
    clock.advance(timedelta(days=40))
    sheet, place, compared = LISTS[path], await place_of(busy, path), 0
    for who in callers(busy).values():
        for query in FILTERS.get(path, [{}]):
            wanted = await listed(busy, place, who, {name: each for name, each in query.items() if name != "limit"})
            found = await exported(busy, place, who, query)
            if "limit" in query or isinstance(wanted, int) or isinstance(found, int):
                assert found == (422 if "limit" in query else wanted)
                continue
            names = set(sheet.units.values())
            rows = [{heading: cell for heading, cell in row.items() if heading not in names and cell} for row in found]
            assert rows == [{heading: cell for heading, cell in row_of(each, sheet).items() if cell} for each in wanted]
            compared += len(rows)
    assert compared > 0 or path in EMPTY


async def test_units_stand_with_their_names(busy: Api) -> None:
    found = await exported(busy, "/v1/tasks", busy.coordinator, {"unit": HELPER, "role": "coordinating", "q": "quý"})
    assert isinstance(found, list)
    [row] = found
    assert (row["Mã cơ quan chủ trì"], row["Cơ quan chủ trì"]) == (LEAD, "Sở Nội vụ")
    assert (row["Tên nhiệm vụ"], row["Cơ quan phối hợp"]) == (FORMULA, "Sở Tư pháp")


async def test_an_export_is_imported_as_it_was_written(busy: Api) -> None:
    file = await busy.get("/v1/tasks/export.csv", busy.coordinator, unit=HELPER, role="coordinating")
    about = {
        "document_no": "1/KH-SNV", "issued_on": "2024-06-03", "title": "Kế hoạch", "issuer": "UBND Thành phố Hà Nội",
    }  # fmt: skip
    answer = await busy.send(
        "POST", "/v1/plans/import", busy.coordinator, params={"dry_run": "true"},
        data=about, files={"file": ("nhiem-vu.csv", file.content)},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    tasks = answer.json()["tasks"][: len(TITLES)]
    read = [(task["title"], task["lead_unit"], task["coordinating_units"]) for task in tasks]
    # The import puts a line break in a title as a space, whatever file it comes from.
    assert read == [(title.replace("\n", " "), LEAD, [HELPER]) for title in reversed(TITLES)]


async def test_a_workbook_of_each_list_has_no_formula(busy: Api) -> None:
    for path, sheet in LISTS.items():
        if "{run}" in path:
            continue
        query = FILTERS.get(path, [{}])[0]
        answer = await busy.get(f"{await place_of(busy, path)}/export.xlsx", callers(busy)["office"], **query)
        if path == "/v1/responsibility" and answer.status_code == 403:
            continue
        assert answer.status_code == 200, path
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        assert book.sheetnames == [sheet.title.vi, "Ghi chú"]
        assert all(cell.data_type != "f" for each in book for row in each.iter_rows() for cell in row)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ho-so-trinh-2024-06-03.xlsx"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_days_and_numbers_are_such(busy: Api) -> None:
    answer = await busy.get("/v1/tasks/export.xlsx", busy.coordinator, q="quý", unit=HELPER)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["Nhiệm vụ"]
    cells = dict(zip(*sheet.iter_rows(values_only=True, max_row=2), strict=True))
    assert cells["Ngày cuối của thời hạn"].date() == date(2024, 6, 30)
    assert cells["Quá hạn từ"] == datetime(2024, 7, 1)  # noqa: DTZ001 - local, as in the sheet
    assert (cells["Số lần gia hạn"], cells["Trạng thái"]) == (0, "Chưa bắt đầu")


@pytest.fixture
async def narrow(city_database: Database, tokens: TestTokens, clock: FixedClock) -> AsyncIterator[Api]:
    """A city that exports five rows at most."""
    settings = settings_for(city_database, tokens).model_copy(update={"export_rows": 5})
    async with running(settings, tokens, clock) as api:
        yield api


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_too_long_a_list_is_refused_and_never_cut(narrow: Api, form: str) -> None:
    refused = await narrow.get(f"/v1/units/export.{form}")
    assert (refused.status_code, refused.json()["code"], refused.json()["most"]) == (422, "too-many-rows", 5)
    assert (await narrow.get(f"/v1/units/export.{form}", q="so noi vu")).status_code == 200


def test_every_list_is_exported_and_every_column_headed(settings: TakingSettings) -> None:
    routes = {
        context.path: context.original_route
        for context in iter_route_contexts(build_app(settings).routes)
        if isinstance(context.original_route, APIRoute) and "GET" in (context.methods or ())
    }
    lists = {path for path, route in routes.items() if pages(route)} - NOT_FOR_PAPER
    assert lists <= LISTS.keys(), "add export(router, list_, …) below the list, and the list here"
    assert {path.removesuffix("/export.{form}") for path in routes if path and "/export." in path} == LISTS.keys()
    bare = {}
    for path, sheet in LISTS.items():
        answer = routes[path].response_model
        items = answer.model_fields.get("items")
        item: type[BaseModel] = answer if items is None else items.annotation.__args__[0]
        if found := [column.field for column in columns_of(item, sheet) if column.heading == column.field]:
            bare[path] = found
    assert bare == {}, "give these columns Vietnamese headings in sheets.py"


def pages(route: APIRoute) -> bool:
    """Whether a route answers with pages of a list."""
    model = model_in(route.response_model)
    return model is not None and {"items", "next_cursor"} <= model.model_fields.keys()

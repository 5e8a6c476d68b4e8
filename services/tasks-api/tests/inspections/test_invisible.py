"""An unannounced inspection does not exist, for anybody who may not know of it, until it starts.

The walk asks every route that such a caller may call. What they are answered while the inspection is planned is, byte
for byte and header for header, what they were answered before anybody thought of it.
"""

from collections.abc import Collection, Iterator

import pytest
from sqlalchemy import select

from cchc_shared.contract.codes import Role
from cchc_shared.files.settings import TakingSettings
from cchc_shared.http.access import Declaration, declarations
from tasks_api.bootstrap import build_app
from tasks_api.metadata import outbox
from tests.support.http import Headers, Json

from .office import INSPECTED, INSPECTING, OTHER, Office, path_of, tree

HIDDEN, VISIBLE = "KT-2024-0002", "KT-2024-0001"
FILTERS: dict[str, list[Json]] = {
    "/v1/inspections": [
        {},
        {"limit": 1},
        {"inspected_unit": INSPECTED},
        {"inspecting_unit": INSPECTING},
        {"status": "planned"},
        {"unannounced": True},
        {"planned_from": "2024-06-04"},
    ],
    "/v1/inspections/progress": [{}, {"as_of": "2024-06-30"}, {"unit": INSPECTED}, {"unit": INSPECTING}],
    "/v1/recommendations": [{}, {"inspection": HIDDEN}, {"unit": INSPECTED}, {"overdue": True}],
}
BODIES: dict[str, Json] = {
    "conclude": {"conclusion_no": "1/KL", "conclusions": [tree(1, 1)]},
    "cancel": {"reason": "Hoãn"},
    "report": {"content": "Đã làm"},
    "reopen": {"reason": "Chưa xong"},
}
LEARNING = frozenset(
    ("officer", "head", "coordinator of the unit", "inspector of the unit", "operator", "board", "council")
)
"""Who learns of it when it starts."""
PASSING = {"x-request-id", "traceparent", "date"}
"""Headers that differ from request to request, whatever is asked."""


def callers(office: Office) -> dict[str, tuple[frozenset[Role], Headers]]:
    """Who must not know: roles, and token."""
    who = {
        "officer": ((Role.OFFICER,), INSPECTED),
        "head": ((Role.OFFICER, Role.UNIT_HEAD), INSPECTED),
        "coordinator of the unit": ((Role.COORDINATOR,), INSPECTED),
        "inspector of the unit": ((Role.INSPECTOR, Role.OFFICER), INSPECTED),
        "another unit": ((Role.UNIT_HEAD,), OTHER),
        "nobody's officer": ((Role.OFFICER,), None),
        "operator": ((Role.OPERATOR,), None),
        "board": ((Role.SCORING_BOARD,), INSPECTED),
        "council": ((Role.COUNCIL,), None),
        "citizen": ((Role.CITIZEN,), None),
        "system": ((Role.SYSTEM,), INSPECTED),
    }
    return {
        name: (frozenset(roles), office.api.token(*roles, unit=unit, sub=name)) for name, (roles, unit) in who.items()
    }


def requests(declared: Declaration) -> Iterator[tuple[str, Json, object]]:
    """Paths of a route with queries and bodies, for the hidden thing and for one that everybody may know of.

    Of the two files of a list, which hold the same rows, the one that is made faster.
    """
    listed, exported, _ = declared.path.partition("/export.")
    names_one = "{code}" in declared.path or declared.method != "GET"
    for code in (HIDDEN, VISIBLE) if names_one else (HIDDEN,):
        below = f"{code}.1.1" if "recommendations" in declared.path else code
        path = declared.path.replace("{code}", below).replace("{form}", "csv")
        last = path.rpartition("/")[2]
        body = BODIES.get(last, {})
        if "/actions/" in path and "{code}" not in declared.path:
            body = {"items": [{"code": below, "version": 77, **body}]}
        for query in FILTERS.get(listed if exported else declared.path, [{}]):
            yield path, {name: each for name, each in query.items() if not exported or name != "limit"}, body


Answers = dict[tuple[str, str], object]
"""By who asked, and what."""


async def everything_answered(office: Office, routes: list[Declaration], names: Collection[str]) -> Answers:
    """Every answer to these, where they may ask."""
    answers: Answers = {}
    asking = {name: who for name, who in callers(office).items() if name in names}
    for declared in routes:
        for name, (roles, token) in asking.items():
            if declared.roles is not None and not declared.roles & roles and not declared.anonymous:
                continue  # refused before anything is looked up
            for path, query, body in requests(declared):
                given: Json = {"json": body} if declared.method in {"POST", "PUT"} else {}
                # A version that is never right: what may be acted on says 412, what does not exist 404.
                headers = token | {"If-Match": '"77"'}
                answer = await office.api.send(declared.method, path, headers, params=query, **given)
                kept = {each: value for each, value in answer.headers.items() if each not in PASSING}
                answers[name, f"{declared.method} {path} {query}"] = (answer.status_code, kept, answer.content)
    return answers


def asked(settings: TakingSettings) -> list[Declaration]:
    """Every route of the service for people, but for those that make something: some of the callers may do that."""
    making = {("POST", "/v1/inspections"), ("POST", "/v1/tasks"), ("PUT", "/v1/units/{code}")}
    return [
        each
        for each in declarations(build_app(settings))
        if each.path.startswith("/v1/") and (each.method, each.path) not in making
    ]


async def test_nobody_learns_of_it_before_it_starts_and_never_of_one_that_is_cancelled(
    office: Office, settings: TakingSettings
) -> None:
    routes = asked(settings)
    paths = {each.path for each in routes}
    assert {"/v1/inspections/{code}", "/v1/tasks", "/v1/inspections/progress", "/v1/inspections/export.{form}"} <= paths
    known = await office.concluded(tree(1, 2))
    assert known["code"] == VISIBLE
    everybody = callers(office).keys()
    before = await everything_answered(office, routes, everybody)

    hidden = await office.plan(subject="Kiểm tra đột xuất", document_no="9/QĐ")
    assert hidden["code"] == HIDDEN
    await office.act(await office.plan(), "cancel", office.api.coordinator, reason="Hoãn")
    assert await everything_answered(office, routes, everybody) == before

    started = await office.act(hidden, "start", office.inspector)
    about = [each for each in routes if "inspections" in each.path or "recommendations" in each.path]
    after = await everything_answered(office, about, LEARNING)
    after |= await everything_answered(office, routes, everybody - LEARNING)
    assert {who for who, asked in after if before[who, asked] != after[who, asked]} == LEARNING
    shown = ("officer", f"GET /v1/inspections/{HIDDEN} {{}}")
    assert after[shown] != before[shown]
    assert started["status"] == "in_progress"


async def test_one_that_will_be_announced_is_hidden_until_it_is(office: Office) -> None:
    planned = await office.plan(unannounced=False)
    assert (await office.api.get(path_of(planned), office.head)).status_code == 404
    await office.act(planned, "announce", office.api.coordinator)
    found = (await office.api.get(path_of(planned), office.head)).json()
    assert (found["status"], found["possible"]) == ("announced", [])


async def test_who_plans_and_who_inspects_see_it(office: Office) -> None:
    planned = await office.plan()
    api = office.api
    for who in (api.officer(INSPECTING), api.head(INSPECTING), api.coordinator, api.token("inspector", unit=OTHER)):
        assert (await api.get(path_of(planned), who)).status_code == 200
        assert len((await api.get("/v1/inspections", who)).json()["items"]) == 1
        assert (await office.progress(who))["inspections"]["planned"] == 1


@pytest.mark.parametrize("unannounced", [True, False])
async def test_events_name_no_unit_before_it_is_revealed(office: Office, unannounced: bool) -> None:
    """Events count from 1 without a gap all the same, so that a reader of the stream misses nothing."""
    plan = await office.plan(unannounced=unannounced, subject="Bí mật")
    cancelled = await office.act(await office.plan(), "cancel", office.inspector, reason="Hoãn")
    assert await said(office) == [
        (plan["code"], 1, {"code": plan["code"], "status": "planned"}),
        (cancelled["code"], 1, {"code": cancelled["code"], "status": "planned"}),
        (cancelled["code"], 2, {"code": cancelled["code"], "status": "cancelled"}),
    ]
    await office.act(plan, "start" if unannounced else "announce", office.inspector)
    subject, version, last = (await said(office))[-1]
    assert (subject, version) == (plan["code"], 2)
    assert (last["inspecting_unit"], last["inspected_unit"]) == (INSPECTING, INSPECTED)
    assert "Bí mật" not in str(await said(office))


async def said(office: Office) -> list[tuple[str, int, Json]]:
    """Subject, version and data of the events of inspections, without what is null."""
    query = select(outbox.c.aggregateid, outbox.c.aggregateversion, outbox.c.payload)
    query = query.where(outbox.c.aggregatetype == "inspection").order_by(outbox.c.xid, outbox.c.seq)
    async with office.api.here.engine.connect() as conn:
        rows = (await conn.execute(query)).all()
    return [
        (row.aggregateid, row.aggregateversion, {name: each for name, each in row.payload.items() if each is not None})
        for row in rows
    ]

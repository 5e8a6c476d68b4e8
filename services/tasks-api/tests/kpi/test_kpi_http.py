"""Marks and the worth of work over HTTP."""

from typing import Any

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers, Json, Query
from tests.support.tasks import Api

LEAD, OTHER = "so-noi-vu", "so-y-te"
TASK = {"title": "Báo cáo", "lead_unit": LEAD, "coordinating_units": [OTHER], "due_on": "2031-06-30"}
"""Due in a period in which the plan of the city has nothing. The clock of the tests begins on 3 June 2024."""
JUNE = {"period": "2031-06"}


async def assigned(api: Api, **more: object) -> Json:
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=TASK | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def take(api: Api, task: Json, *steps: tuple[str, Headers, dict[str, Any]]) -> Json:
    for action, who, body in steps:
        answer = await api.act(task, action, who, **body)
        assert answer.status_code == 200, (action, answer.text)
        task = answer.json()
    return task


async def done(api: Api, task: Json, **approval: object) -> Json:
    officer, head = api.officer(task["lead_unit"]), api.head(task["lead_unit"])
    return await take(
        api, task, ("start", officer, {}), ("report", officer, {}), ("approve", head, {}),
        ("approve", api.coordinator, approval),
    )  # fmt: skip


async def kpi(api: Api, unit: str, who: Headers | None = None, **query: Query) -> Json:
    answer = await api.get(f"/v1/units/{unit}/kpi", who or api.coordinator, **JUNE | query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def to(clock: FixedClock, day: str) -> None:
    clock.advance(clock.now().fromisoformat(f"{day}T03:00:00Z") - clock.now())


async def test_the_published_examples(city: Api, clock: FixedClock) -> None:
    to(clock, "2031-06-25")
    first = await done(city, await assigned(city, urgency="urgent", coordinating_units=[]), quality=5)
    to(clock, "2031-06-30")
    second = await done(city, await assigned(city, urgency="urgent"), quality=4)
    assert (first["quality"], second["quality"]) == (5, 4)
    lead, other = await kpi(city, LEAD), await kpi(city, OTHER)
    rows = {row["task"]: row for row in lead["items"]}
    assert rows[first["code"]]["kpi"] == 315
    assert (rows[first["code"]]["days_early"], rows[first["code"]]["completion"]) == (5, 110)
    assert [(row["task"], row["role"], row["kpi"]) for row in other["items"]] == [(second["code"], "coordinating", 81)]
    assert (other["kpi"], other["tasks"], other["rated"]) == (81, 1, 1)
    assert lead["kpi"] == sum(row["kpi"] for row in lead["items"])
    assert (lead["rules"]["is_template"], lead["rules"]["status"]) == (True, "S")


async def test_who_rates(city: Api) -> None:
    officer, head = city.officer(LEAD), city.head(LEAD)
    task = await take(city, await assigned(city), ("start", officer, {}), ("report", officer, {}))
    early = await city.act(task, "approve", head, quality=5)
    assert (early.status_code, early.json()["errors"][0]["field"]) == (422, "body.quality")
    task = await take(city, task, ("approve", head, {}))
    for quality in (0, 6, "tốt"):
        assert (await city.act(task, "approve", city.coordinator, quality=quality)).status_code == 422
    assert (await take(city, task, ("approve", city.coordinator, {})))["quality"] is None
    history = (await city.get(f"/v1/tasks/{task['code']}/history", city.coordinator)).json()["items"]
    assert history[-1]["details"] == {}


async def test_nobody_rates_their_own_units_work(city: Api) -> None:
    """The head of the city's office may approve what the city does itself, but gives it no mark."""
    officer, head = city.officer("01"), city.head("01")
    another = city.token("unit_head", unit="01", sub="deputy")
    task = await assigned(city, lead_unit="01", coordinating_units=[])
    task = await take(city, task, ("start", officer, {}), ("report", officer, {}), ("approve", head, {}))
    refused = await city.act(task, "approve", another, quality=5)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.quality")
    assert (await take(city, task, ("approve", city.coordinator, {"quality": 3})))["quality"] == 3


async def test_what_is_late_or_passed_on_late_is_worth_nothing(city: Api, clock: FixedClock) -> None:
    to(clock, "2031-06-03")
    late = await assigned(city)
    passed_on = await assigned(city)
    closed = await assigned(city)
    waiting = await take(city, await assigned(city), ("start", city.officer(LEAD), {}))
    dropped = await assigned(city)
    await take(city, dropped, ("close", city.coordinator, {"reason": "Bãi bỏ"}))
    await take(city, waiting, ("report", city.officer(LEAD), {}))
    assert (await kpi(city, LEAD))["tasks"] == 0, "nothing is due yet"
    to(clock, "2031-07-10")
    await take(city, passed_on, ("transfer", city.coordinator, {"unit": "so-tai-chinh", "reason": "Giao lại"}))
    await take(city, closed, ("close", city.coordinator, {"reason": "Bãi bỏ"}))
    found = await kpi(city, LEAD)
    assert [(row["task"], row["kpi"], row["last_day"], row["handed_on"]) for row in found["items"]] == [
        (late["code"], 0, "2031-06-30", None),
        (passed_on["code"], 0, "2031-06-30", 2),
        (closed["code"], 0, "2031-06-30", 2),
    ]
    assert (found["not_done"], found["tasks"]) == (3, 3)
    receiver = await kpi(city, "so-tai-chinh", period="2031")
    assert receiver["tasks"] == 0, "it has time of its own"


async def test_a_task_of_many_units_counts_once_for_who_co_ordinates(city: Api, clock: FixedClock) -> None:
    to(clock, "2031-06-03")
    task = await assigned(city, lead_unit="all-departments", coordinating_units=["00004"])
    to(clock, "2031-07-10")
    helper = await kpi(city, "00004")
    assert [(row["task"], row["role"]) for row in helper["items"]] == [(task["code"], "coordinating")]
    own = await kpi(city, LEAD)
    assert [(row["task"], row["role"]) for row in own["items"]] == [(f"{task['code']}.{LEAD}", "lead")]


async def test_pages_add_up_and_units_see_their_own(city: Api, clock: FixedClock) -> None:
    to(clock, "2031-06-03")
    for day in ("2031-06-05", "2031-06-04", "2031-06-30"):
        await done(city, await assigned(city, due_on=day))
    await done(city, await assigned(city, due_on=None))
    whole = await kpi(city, LEAD, city.officer(LEAD))
    assert [row["last_day"] for row in whole["items"]] == [None, "2031-06-04", "2031-06-05", "2031-06-30"]
    found: list[Json] = []
    cursor: Query = None
    while True:
        page = await kpi(city, LEAD, None, limit=1, **({} if cursor is None else {"cursor": cursor}))
        assert page["kpi"] == whole["kpi"]
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == whole["items"]
    assert (await kpi(city, LEAD, period="2031-Q2"))["kpi"] == whole["kpi"]
    assert (await kpi(city, LEAD, period="2031-07"))["tasks"] == 0
    assert (await city.get(f"/v1/units/{LEAD}/kpi", city.officer(OTHER), **JUNE)).status_code == 404
    assert (await city.get("/v1/units/khong-co/kpi", city.coordinator, **JUNE)).status_code == 404
    assert (await city.get(f"/v1/units/{LEAD}/kpi", city.coordinator, period="2031-13")).status_code == 422
    assert (await city.get(f"/v1/units/{LEAD}/kpi", city.coordinator)).status_code == 422

"""For any sequence of re-datings, hand-overs, reports and outages each (task, last day, step) is said at most once, and
none is missing that was due since the task waited for that day and still did when a worker looked."""

from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Json
from tests.support.tasks import Api

from .reminding import LEAD, OTHER, STEPS, assigned, at, reminders, set_to, steps_of, swept

EVENTS = st.tuples(
    st.integers(0, 4 * 24),
    st.sampled_from(["work", "work", "transfer", "give_time", "start", "report", "reject"]),
    st.integers(0, 12),
)
"""Hours that pass, what is tried then, and how many days the new last day is away."""


async def tried(city: Api, task: Json, what: str, new: date) -> Json:
    """The task after an action; as it was where the rules refused it."""
    lead = task["lead_unit"]
    if what == "transfer":
        body = {"unit": OTHER if lead == LEAD else LEAD, "due_on": new.isoformat(), "reason": "Đúng chức năng hơn"}
        answer = await city.act(task, what, city.coordinator, **body)
    elif what == "give_time":
        body = {"due_on": new.isoformat(), "reason": "Chờ ý kiến của Bộ"}
        answer = await city.act(task, "request_extension", city.officer(lead), **body)
        if answer.status_code == 200:
            answer = await city.act(answer.json(), "grant_extension", city.coordinator)
    elif what == "reject":
        answer = await city.act(task, what, city.head(lead), reason="Thiếu minh chứng")
    else:
        answer = await city.act(task, what, city.officer(lead))
    assert answer.status_code in (200, 409, 422), answer.text
    return dict((await city.get(f"/v1/tasks/{task['code']}", city.coordinator)).json())


def reminded_of(task: Json) -> date | None:
    return None if task["status"] in ("reported", "completed", "closed") else date.fromisoformat(task["due_on"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=12))
async def test_each_step_once_and_none_missing(
    city: Api, clock: FixedClock, events: list[tuple[int, str, int]]
) -> None:
    set_to(clock, at("2024-06-03", 7, 30))
    task = await assigned(city, "2024-06-12")
    expected = dict[tuple[date, int], tuple[datetime, str]]()
    since, waits = clock.now(), reminded_of(task)
    for hours, what, days in [*events, (40 * 24, "work", 0)]:
        clock.advance(timedelta(hours=hours))
        now = clock.now()
        if what != "work":
            task = await tried(city, task, what, now.astimezone(at("2024-06-03").tzinfo).date() + timedelta(days=days))
            if reminded_of(task) != waits:
                since, waits = now, reminded_of(task)
            continue
        await swept(city)
        if waits is None:
            continue
        for step, then in steps_of(waits).items():
            if since < then <= now and (waits, step) not in expected:
                expected[waits, step] = then, task["lead_unit"]
    found = dict[tuple[date, int], list[tuple[datetime, str, str]]]()
    for row in await reminders(city, task["code"]):
        found.setdefault((row.due_on, row.days), []).append((row.at, row.unit, row.role))
    assert found.keys() == expected.keys()
    for (due_on, step), rows in found.items():
        then, lead = expected[due_on, step]
        assert {each[0] for each in rows} == {then}
        assert {each[1] for each in rows if each[2] != "coordinator"} == {lead}
        assert sorted(each[2] for each in rows) == sorted(STEPS[step]), "each of them once"

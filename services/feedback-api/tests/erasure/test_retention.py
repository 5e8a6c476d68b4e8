"""What has been kept long enough is erased in bounded steps, and all that is counted stays equal."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.wording import unmarked
from feedback_api.erasure import timers
from feedback_api.erasure.domain import Ends, months_before
from feedback_api.erasure.models import erasures
from feedback_api.erasure.timers import Retention
from feedback_api.metadata import outbox
from feedback_api.reading.timers import make_words
from feedback_api.reports.domain import Erased
from feedback_api.reports.models import contacts, feedback, history
from feedback_api.reports.rules import RetentionRules
from feedback_api.statistics.domain import Dimension

from ..conftest import HOME_AFFAIRS, JUSTICE, People, Service

MARK = "Nguyễn Văn Bảy"
BODY: dict[str, Any] = {
    "unit": HOME_AFFAIRS,
    "title": f"Của {MARK}",
    "content": f"Tôi là {MARK}",
    "location": {"lat": 21.03, "lon": 105.85, "address": f"nhà {MARK}"},
    "reporter": {"name": MARK, "phone": "0912345678"},
}
ALL = ("assign", "accept", "draft_answer", "approve_answer", "publish")
CALLERS = {"assign": "desk", "approve_answer": "head"}
BODIES = {"draft_answer": {"answer": f"Gửi {MARK}", "outcome": "resolved"}}
DAY = timedelta(days=1)
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2000, 2100))


async def report(service: Service, people: People, *actions: str, **more: str) -> str:
    """A report with marked words and contact, and what was done with it."""
    code = str((await service.post(BODY | more, **people["citizen"])).json()["code"])
    for version, action in enumerate(actions, 1):
        caller = people[CALLERS.get(action, "officer")]
        body = BODIES.get(action) or ({"unit": JUSTICE, "reason": f"việc của {MARK}"} if action == "transfer" else {})
        done = await service.act(code, action, caller, version, body)
        assert done.status_code == 200, done.text
    return code


async def erase(service: Service) -> int:
    async with service.here.engine.begin() as conn:
        return await service.here.use(Retention).run(conn, service.here.clock.now())


async def tombstones(service: Service) -> list[tuple[Any, ...]]:
    columns = erasures.c.code, erasures.c.what, erasures.c.rule
    return [tuple(row) for row in await service.rows(select(*columns).order_by(*columns))]


async def kept(service: Service, *, words: bool) -> set[str]:
    """The tables in which something personal of a report stands: its sender, or its words."""
    marks = (MARK,) if words else ("citizen-1", "x'")
    return {
        table.name
        for table in (feedback, history, contacts)
        for row in await service.rows(select(table))
        if any(mark in str(row) for mark in marks)
    }


def go_on(clock: FixedClock, months: int, less: timedelta = timedelta(0)) -> None:
    """To the instant from which that many months lead back to now."""
    now = clock.now()
    years, month = divmod(now.year * 12 + now.month - 1 + months, 12)
    clock.advance(now.replace(year=years, month=month + 1) - now - less)


@pytest.mark.parametrize(
    ("at", "months", "before"),
    [
        ("2026-02-28", 12, "2025-02-28"),
        ("2025-02-28", 12, "2024-02-28"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2026-12-31", 1, "2026-11-30"),
        ("2026-01-15", 13, "2024-12-15"),
    ],
)
def test_months_are_counted_by_the_calendar(at: str, months: int, before: str) -> None:
    hour = "T09:00:00+07:00"
    assert months_before(datetime.fromisoformat(at + hour), months) == datetime.fromisoformat(before + hour)


@given(st.datetimes(min_value=FIRST, max_value=LAST), st.integers(1, 600), st.integers(0, 600))
def test_months_go_back_in_order(at: datetime, months: int, more: int) -> None:
    earlier = months_before(at, months + more)
    assert earlier <= months_before(at, months) < at
    assert (at.year - earlier.year) * 12 + at.month - earlier.month == months + more


@given(st.integers(0, 4000), st.integers(0, 4000), st.sampled_from([None, *Erased]))
def test_words_never_go_before_their_sender(contact: int, more: int, erased: Erased | None) -> None:
    now = datetime(2026, 11, 18, tzinfo=UTC)
    ends = Ends(now - contact * DAY, now - (contact + more) * DAY)
    for days in (contact - 1, contact, contact + more, contact + more + 1):
        due = ends.due(erased, now - days * DAY)
        assert Erased.TEXT not in due or erased is Erased.CONTACT or due[0] is Erased.CONTACT
        assert erased not in due


def test_a_document_that_forgets_words_before_their_sender_is_refused() -> None:
    document = {"version": "1", "effective_from": "2026-01-01", "retention": {}}
    for name, months in (("contact", 12), ("text", 11)):
        document["retention"] |= {name: {"id": name, "months": months, "source": "x", "status": "R"}}  # type: ignore[operator]
    with pytest.raises(ValueError, match="text ends before contact"):
        msgspec.convert(document, RetentionRules)


async def test_first_the_sender_then_the_words(service: Service, people: People, clock: FixedClock) -> None:
    code = await report(service, people, "assign", "accept", "transfer")
    assert await erase(service) == 0
    done = await report(service, people, *ALL)
    path = f"/v1/feedback/{done}"
    go_on(clock, 12, less=timedelta(seconds=1))
    assert await erase(service) == 0
    clock.advance(timedelta(seconds=1))
    assert await erase(service) == 1
    assert await erase(service) == 0
    assert await tombstones(service) == [(done, "contact", "contact-12-months")]
    assert (await service.client.get(path, headers=people["citizen"])).status_code == 404
    seen = (await service.client.get(path, headers=people["head"])).json()
    assert (seen["erased"], seen["content"]) == ("contact", BODY["content"])
    assert [row.code for row in await service.rows(select(contacts.c.code))] == [code]

    go_on(clock, 48)
    assert await erase(service) == 1
    seen = (await service.client.get(path, headers=people["head"])).json()
    assert (seen["erased"], seen["content"], seen["title"], seen["location"], seen["answer"]) == (
        "text",
        "",
        None,
        None,
        None,
    )
    assert (seen["possible"], seen["outcome"], seen["routing"]) == ([], "resolved", {"by": "sender"})
    entries = (await service.client.get(f"{path}/history", headers=people["head"])).json()["items"]
    assert [entry["action"] for entry in entries] == ["receive", *ALL]
    assert {entry["note"] for entry in entries} == {None}
    assert [entry.get("actor") for entry in entries][1:] == ["desk-1", "officer-1", "officer-1", "head-1", "officer-1"]
    shown = (await service.client.get(f"{path}/erasures", headers=people["desk"])).json()["items"]
    assert [(each["what"], each["rule"], each["reason"]) for each in shown] == [
        ("contact", "contact-12-months", None),
        ("text", "text-60-months", None),
    ]
    # The other one has not ended: it is kept, however old it is.
    assert (await service.client.get(f"/v1/feedback/{code}", headers=people["citizen"])).status_code == 200


async def test_nothing_of_it_is_left_in_any_table(service: Service, people: People, clock: FixedClock) -> None:
    await report(service, people, *ALL)
    await report(service, people, *ALL, channel_ref="0912345678")
    go_on(clock, 12)
    await erase(service)
    assert await kept(service, words=False) == set()
    assert "0912345678" not in str(await service.rows(select(feedback)))
    async with service.here.engine.begin() as conn:
        assert (await make_words(conn, clock.now(), service.here)).moved == 2
    assert unmarked(MARK) in str(await service.rows(select(feedback.c.words)))
    assert "0912345678" not in str(await service.rows(select(feedback)))
    go_on(clock, 48)
    await erase(service)
    assert await kept(service, words=True) == set()
    assert [row.words for row in await service.rows(select(feedback.c.words))] == [None, None]


async def everything_counted(service: Service, people: People, days: list[str]) -> list[Any]:
    """Statistics by every set of dimensions, now and on past days, and all events."""
    found: list[Any] = [list(row) for row in await service.rows(select(outbox).order_by(outbox.c.id))]
    groups = [",".join(names) for size in range(5) for names in combinations(Dimension, size)]
    for group in groups:
        for day in (None, *days):
            query = {name: value for name, value in (("group_by", group or None), ("as_of", day)) if value}
            answer = await service.client.get("/v1/statistics/feedback", headers=people["desk"], params=query)
            assert answer.status_code == 200, answer.text
            found.append(answer.json()["rows"])
    return found


async def test_counts_and_events_stay_equal(service: Service, people: People, clock: FixedClock) -> None:
    for count in range(len(ALL) + 1):
        await report(service, people, *ALL[:count], kind=("procedure", "on_site")[count % 2])
        clock.advance(DAY)
    await report(service, people, "assign", "accept", "transfer")
    days = [(clock.now() - back * DAY).date().isoformat() for back in range(1, 8)]
    go_on(clock, 61)
    before = await everything_counted(service, people, days)
    assert await erase(service) == 2  # answered, and published
    assert await tombstones(service)
    assert await everything_counted(service, people, days) == before


async def test_a_walk_in_small_steps_passes_everything_once(
    service: Service, people: People, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "LOOKED_AT", 3)
    monkeypatch.setattr(timers, "AT_ONCE", 2)
    ended = []
    for number in range(8):
        code = await report(service, people, *(ALL if number % 2 else ALL[:2]))
        ended += [code] if number % 2 else []
        clock.advance(DAY)
    go_on(clock, 13)
    assert sum([await erase(service) for _ in range(8)]) == len(ended)
    assert [code for code, _, _ in await tombstones(service)] == sorted(ended)


async def test_what_somebody_works_on_is_left_for_another_time(
    service: Service, people: People, clock: FixedClock
) -> None:
    code = await report(service, people, *ALL)
    go_on(clock, 12)
    async with service.here.engine.begin() as conn:
        await conn.execute(select(feedback.c.code).where(feedback.c.code == code).with_for_update(key_share=True))
        assert await erase(service) == 0
    assert await erase(service) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE feedback_history SET note = NULL",
        "UPDATE feedback_history SET details = '{}'",
        "UPDATE feedback_history SET actor = NULL",
        "UPDATE feedback_history SET status = 'received'",
        "DELETE FROM feedback_history",
        "TRUNCATE feedback_history",
    ],
)
async def test_without_a_tombstone_history_is_as_fixed_as_before(service: Service, people: People, change: str) -> None:
    await report(service, people, "assign")
    await refused(service, change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE feedback_history SET note = 'other words'",
        """UPDATE feedback_history SET details = '{"other": "words"}'""",
        "UPDATE feedback_history SET actor = 'somebody else'",
        "UPDATE feedback_history SET note = NULL, unit = 'another'",
        "UPDATE feedback_history SET at = now()",
        "DELETE FROM feedback_history",
        "UPDATE feedback_erasure SET at = now()",
        "DELETE FROM feedback_erasure",
    ],
)
async def test_with_one_it_loses_words_and_nothing_else(
    service: Service, people: People, clock: FixedClock, change: str
) -> None:
    await report(service, people, *ALL)
    go_on(clock, 60)
    await erase(service)
    await refused(service, change)


async def refused(service: Service, change: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        async with service.here.engine.begin() as conn:
            await conn.execute(text(change))

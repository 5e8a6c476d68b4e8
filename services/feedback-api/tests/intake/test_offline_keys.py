"""A key that was made with the report, offline: within a week it is one report, afterwards the sender is told."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.storage.idempotency import KEPT_DAYS, is_outlived, purge
from feedback_api.metadata import idempotency
from feedback_api.reports.models import feedback

from ..conftest import People, Service

WEEK = timedelta(days=7)


def key_of(at: datetime, version: int = 7) -> str:
    """A UUID as a device makes it at that time."""
    return str(UUID(int=int(at.timestamp() * 1000) << 80 | version << 76 | 0x5A5 << 64 | 2 << 62 | 0x1234))


async def age(service: Service, days: timedelta) -> None:
    """What is stored becomes older, and the worker looks what is to be forgotten."""
    async with service.here.engine.begin() as conn:
        await conn.execute(update(idempotency).values(created_at=idempotency.c.created_at - days))
        await purge(conn)


@pytest.mark.parametrize("who", ["citizen", None])
async def test_a_week_later_it_is_the_same_report_with_the_same_answer(
    service: Service, people: People, clock: FixedClock, who: str | None
) -> None:
    headers = (people[who] if who else {}) | {"Idempotency-Key": key_of(clock.now())}
    first = await service.post(**headers)
    clock.advance(WEEK)
    await age(service, WEEK)
    again = await service.post(**headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert (await service.rows(select(func.count()).select_from(feedback)))[0][0] == 1


async def test_what_was_made_a_week_ago_and_never_sent_is_taken(service: Service, clock: FixedClock) -> None:
    key = key_of(clock.now())
    clock.advance(WEEK)
    assert (await service.post(**{"Idempotency-Key": key})).status_code == 201


async def test_later_it_is_no_second_report_but_a_problem(service: Service, people: People, clock: FixedClock) -> None:
    headers = people["citizen"] | {"Idempotency-Key": key_of(clock.now())}
    assert (await service.post(**headers)).status_code == 201
    late = timedelta(days=KEPT_DAYS, seconds=1)
    clock.advance(late)
    await age(service, late)
    assert await service.rows(select(idempotency)) == []
    refused = await service.post(**headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-outlived")
    assert "8 days" in (await service.post(**headers, **{"Accept-Language": "en"})).json()["detail"]
    assert (await service.rows(select(func.count()).select_from(feedback)))[0][0] == 1
    # It is the key that is too old, and not the report.
    assert (await service.post(**headers | {"Idempotency-Key": key_of(clock.now())})).status_code == 201


NOW = datetime.fromisoformat("2026-11-18T02:00:00+00:00")


@given(st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)))
def test_a_key_is_outlived_when_its_time_is(age: timedelta) -> None:
    made_at = NOW - age
    in_milliseconds = made_at - timedelta(microseconds=made_at.microsecond % 1000)
    assert is_outlived(key_of(made_at), NOW) == (NOW - in_milliseconds > timedelta(days=KEPT_DAYS))


@given(st.uuids(version=4).map(str) | st.text(max_size=40) | st.just(key_of(NOW - timedelta(days=99))[:-1]))
def test_other_keys_have_no_age(key: str) -> None:
    assert re.fullmatch("[0-9a-f-]{14}7[0-9a-f-]{21}", key) or not is_outlived(key, NOW)
    assert not is_outlived(None, NOW)

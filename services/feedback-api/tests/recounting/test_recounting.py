"""A new calendar counts the due times of open reports anew, each with its history and its event, and once."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events.feedback import FeedbackRecounted
from cchc_shared.service.context import Context
from feedback_api.bootstrap import build_app, build_worker
from feedback_api.metadata import outbox
from feedback_api.recounting import service as recounting
from feedback_api.recounting.service import REST, Recounting
from feedback_api.reports.models import feedback
from feedback_api.settings import FeedbackSettings

from ..conftest import HOME_AFFAIRS, PROFILE, People, Service


@pytest.fixture
def changed(settings: FeedbackSettings, tmp_path: Path) -> FeedbackSettings:
    """The day after the reports of these tests has become a day off."""
    profile = tmp_path / "hanoi"
    shutil.copytree(PROFILE, profile)
    document = profile / "calendar.yaml"
    words = document.read_text("utf-8")
    assert "      - 2026-11-24\n" in words
    words = words.replace("      - 2026-11-24\n", "      - 2026-11-19\n      - 2026-11-24\n")
    document.write_text(words.replace('version: "2026.2"', 'version: "2026.9"'), "utf-8")
    return settings.model_copy(update={"profile": profile})


@asynccontextmanager
async def opened(settings: FeedbackSettings, clock: FixedClock) -> AsyncIterator[Context]:
    app = build_app(settings, clock)
    async with app.router.lifespan_context(app):
        yield app.state.context


async def recount(here: Context) -> None:
    async with here.engine.begin() as conn:
        await here.use(Recounting).run(conn, here.clock.now())


async def report(service: Service, people: People, *actions: str) -> str:
    """A report on the spot with five working days, and what was done with it."""
    answer = await service.post({"unit": HOME_AFFAIRS, "kind": "on_site"}, **people["citizen"])
    code = str(answer.json()["code"])
    bodies = {"draft_answer": {"answer": "Đã thay bóng đèn", "outcome": "resolved"}}
    callers = {"assign": "desk", "approve_answer": "head"}
    for version, action in enumerate(actions, 1):
        caller = people[callers.get(action, "officer")]
        done = await service.act(code, action, caller, version, bodies.get(action))
        assert done.status_code == 200, done.text
    return code


async def due(service: Service) -> dict[str, tuple[str, str, int]]:
    rows = await service.rows(
        select(feedback.c.code, feedback.c.accept_due_at, feedback.c.resolve_due_at, feedback.c.version)
    )
    return {row.code: (f"{row.accept_due_at:%d %H:%M}", f"{row.resolve_due_at:%d %H:%M}", row.version) for row in rows}


async def events(service: Service) -> list[tuple[str, int]]:
    query = select(outbox.c.aggregateid, outbox.c.aggregateversion).where(outbox.c.type == FeedbackRecounted.TYPE)
    return sorted((row.aggregateid, row.aggregateversion) for row in await service.rows(query))


async def test_what_is_still_due_is_counted_anew(
    service: Service, people: People, clock: FixedClock, changed: FeedbackSettings
) -> None:
    new = await report(service, people)
    accepted = await report(service, people, "assign", "accept")
    answered = await report(service, people, "assign", "accept", "draft_answer", "approve_answer")
    before = await due(service)
    assert before[new] == ("19 02:00", "26 10:30", 1)
    clock.advance(timedelta(hours=1))
    async with opened(changed, clock) as here:
        await recount(here)
        await recount(here)
    assert await due(service) == {
        new: ("20 02:00", "27 10:30", 2),
        accepted: ("19 02:00", "27 10:30", 4),  # that clock had stopped
        answered: before[answered],
    }
    assert await events(service) == sorted([(new, 2), (accepted, 4)])
    history = (await service.client.get(f"/v1/feedback/{new}/history", headers=people["desk"])).json()["items"]
    assert (history[-1]["action"], history[-1]["actor"], history[-1]["at"]) == ("recount", None, "2026-11-18T03:00:00Z")
    assert "2026.9" in history[-1]["note"]
    assert history[-1]["details"]["former_accept_due_at"] == "2026-11-19T02:00:00+00:00"


async def test_the_same_calendar_changes_nothing(service: Service, people: People) -> None:
    await report(service, people, "assign", "accept")
    before = await due(service)
    await recount(service.here)
    assert (await due(service), await events(service)) == (before, [])


async def test_what_an_older_instance_takes_in_afterwards_is_found_later(
    service: Service, people: People, clock: FixedClock, changed: FeedbackSettings
) -> None:
    async with opened(changed, clock) as here:
        await recount(here)
        late = await report(service, people)
        await recount(here)
        assert (await due(service))[late][2] == 1, "it rests"
        clock.advance(REST)
        await recount(here)
        assert (await due(service))[late][2] == 2


async def test_what_the_documents_speak_of_no_more_stays_as_it_was(
    service: Service, people: People, clock: FixedClock, changed: FeedbackSettings
) -> None:
    body = {"channel": "hotline", "received_at": "2024-01-15T02:00:00Z"}
    assert (await service.post(body, **people["system"])).status_code == 201
    (old,) = await due(service)
    new = await report(service, people)
    rules = changed.profile / "feedback_rules.yaml"
    rules.write_text(rules.read_text("utf-8").replace("2000-01-01", "2025-01-01"), "utf-8")
    async with opened(changed, clock) as here:
        await recount(here)
    assert {code: row[2] for code, row in (await due(service)).items()} == {old: 1, new: 2}


async def test_many_are_counted_in_several_transactions(
    service: Service, people: People, clock: FixedClock, changed: FeedbackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "AT_ONCE", 2)
    monkeypatch.setattr(recounting, "PAGE", 3)
    codes = [await report(service, people) for _ in range(7)]
    async with opened(changed, clock) as here:
        for changed_so_far in (2, 4, 6, 7, 7):
            await recount(here)
            assert sum(version == 2 for *_, version in (await due(service)).values()) == changed_so_far
    assert len(await events(service)) == len(codes)


async def test_a_report_that_somebody_works_on_is_left_for_the_next_time(
    service: Service, people: People, clock: FixedClock, changed: FeedbackSettings
) -> None:
    busy, free = await report(service, people), await report(service, people)
    async with opened(changed, clock) as here:
        async with service.here.engine.begin() as conn:
            await conn.execute(select(feedback).where(feedback.c.code == busy).with_for_update())
            async with asyncio.timeout(30):
                await recount(here)
        assert {code: row[2] for code, row in (await due(service)).items()} == {busy: 1, free: 2}
        await recount(here)
        assert (await due(service))[busy][2] == 2


async def test_the_worker_does_it_by_itself(
    service: Service, people: People, clock: FixedClock, changed: FeedbackSettings
) -> None:
    code = await report(service, people)
    app = build_worker(changed, clock)
    async with app.router.lifespan_context(app), asyncio.timeout(30):
        while (await due(service))[code][2] == 1:
            clock.advance(timedelta(minutes=1))
            await asyncio.sleep(0.05)
    assert (await due(service))[code][0] == "20 02:00"

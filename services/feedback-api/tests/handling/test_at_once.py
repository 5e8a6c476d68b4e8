"""Several who act on one report at the same moment: one of them is first, and nothing is lost or done twice.

Who comes first is arranged by the lock of the report, or left to the database.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events.feedback import FeedbackRecounted
from cchc_shared.service.context import Context
from feedback_api.bootstrap import build_app
from feedback_api.metadata import outbox
from feedback_api.pauses.service import Pauses
from feedback_api.recounting import repository as recounted
from feedback_api.recounting.service import Recounting
from feedback_api.reports import repository
from feedback_api.reports.domain import Feedback
from feedback_api.reports.models import feedback, history
from feedback_api.settings import FeedbackSettings
from tests.support.tokens import TestTokens

from ..conftest import HOME_AFFAIRS, PROFILE, People, Service

MANY = 40
ACCEPTED = ("assign", "accept")
ASKED = (*ACCEPTED, "ask_supplement")
CLOSED = (*ACCEPTED, "draft_answer", "approve_answer", "close")
BODIES: dict[str, dict[str, Any]] = {
    "ask_supplement": {"question": "Ở đâu?"},
    "draft_answer": {"answer": "Đã thay bóng", "outcome": "resolved"},
    "close": {"explanation": "Đã thay bóng"},
}
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


async def report(service: Service, people: People, *actions: str) -> str:
    """The code of a report of the citizen, after these actions; its version is one more than they are."""
    code = str((await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"}, **people["citizen"])).json()["code"])
    callers = {"assign": "desk", "approve_answer": "head"}
    for version, action in enumerate(actions, 1):
        caller = people[callers.get(action, "officer")]
        assert (await service.act(code, action, caller, version, BODIES.get(action))).status_code == 200, action
    return code


async def changes(service: Service, code: str) -> list[str]:
    """What was done, in order; the history and the events tell the same, once for each version."""
    entries = await service.rows(select(history).where(history.c.code == code).order_by(history.c.version))
    events = await service.rows(select(outbox.c.aggregateversion).where(outbox.c.aggregateid == code))
    ((version,),) = await service.rows(select(feedback.c.version).where(feedback.c.code == code))
    versions = list(range(1, version + 1))
    assert [entry.version for entry in entries] == versions
    assert sorted(event.aggregateversion for event in events) == versions
    return [entry.action for entry in entries]


@asynccontextmanager
async def held(service: Service, code: str) -> AsyncIterator[None]:
    """Whoever acts on the report meanwhile waits until this is left."""
    async with service.here.engine.begin() as conn:
        await repository.load(conn, code, lock=True)
        yield


async def until_waiting(service: Service, count: int) -> None:
    """Returns when so many wait for a lock."""
    async with asyncio.timeout(60), service.here.reading.connect() as conn:  # those who wait may have all the others
        while await conn.scalar(WAITING) < count:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)


async def test_of_many_who_saw_the_same_version_one_acts(service: Service, people: People) -> None:
    code = await report(service, people, *ACCEPTED)
    async with held(service, code):
        asked = [
            asyncio.create_task(service.act(code, "add_note", people["officer"], 3, {"note": f"Lần {number}"}))
            for number in range(MANY)
        ]
        await until_waiting(service, 2)
    answers = [await each for each in asked]
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (MANY - 1)
    assert {answer.headers["etag"] for answer in answers} == {'"4"'}
    assert await changes(service, code) == ["receive", *ACCEPTED, "add_note"]


async def test_of_two_officers_who_answer_at_once_the_second_learns_of_the_first(
    service: Service, people: People, tokens: TestTokens
) -> None:
    code = await report(service, people, *ACCEPTED)
    people["colleague"] = tokens(sub="officer-3", roles=["officer"], unit=HOME_AFFAIRS)
    words = {who: {"answer": f"Trả lời của {who}", "outcome": "resolved"} for who in ("officer", "colleague")}

    async def draft(who: str, version: int) -> httpx.Response:
        return await service.act(code, "draft_answer", people[who], version, words[who])

    async with held(service, code):
        asked = {who: asyncio.create_task(draft(who, 3)) for who in words}
        await until_waiting(service, 2)
    status = {who: (await each).status_code for who, each in asked.items()}
    assert sorted(status.values()) == [200, 412]
    first, second = sorted(status, key=lambda who: status[who])
    ((answer,),) = await service.rows(select(feedback.c.answer).where(feedback.c.code == code))
    assert answer == words[first]["answer"]
    assert (await draft(second, 4)).json()["answer"] == words[second]["answer"]
    details = await service.rows(select(history.c.details).where(history.c.code == code).order_by(history.c.version))
    assert [row.details.get("answer") for row in details[3:]] == [words[who]["answer"] for who in (first, second)]
    assert await changes(service, code) == ["receive", *ACCEPTED, "draft_answer", "draft_answer"]


async def go_on(service: Service, clock: FixedClock) -> None:
    async with service.here.engine.begin() as conn:
        await service.here.use(Pauses).run(conn, clock.now())


async def supplement(service: Service, people: People, code: str) -> int:
    return (await service.act(code, "supplement", people["citizen"], 4, {"text": "Số 12"})).status_code


async def test_a_sender_who_answers_while_the_pause_ends_is_first_or_told_so(
    service: Service, people: People, clock: FixedClock
) -> None:
    """The worker leaves what somebody is acting on; who comes while it is at work waits, and was too late."""
    answered, over, *raced = [await report(service, people, *ASKED) for _ in range(12)]
    clock.advance(timedelta(days=11))
    async with service.here.engine.begin() as conn:  # as the action of its sender holds it
        await repository.load(conn, answered, lock=True)
        late = [asyncio.create_task(supplement(service, people, code)) for code in (answered, *raced[:3])]
        await until_waiting(service, 1)
        await go_on(service, clock)
    assert (await changes(service, over))[-1] == "go_on"
    assert await late[0] == 200
    status = [await each for each in late]
    more = await asyncio.gather(
        go_on(service, clock), go_on(service, clock), *(supplement(service, people, code) for code in raced[3:])
    )
    status += [each for each in more if each is not None]
    assert set(status) <= {200, 412}
    for code, answer in zip((answered, *raced), status, strict=True):
        assert (await changes(service, code))[4:] == ["supplement" if answer == 200 else "go_on"], code
        ((pauses,),) = await service.rows(select(feedback.c.pauses).where(feedback.c.code == code))
        assert len(pauses) == 1


async def test_who_acts_while_the_pause_is_being_ended_learns_that_it_did(
    service: Service, people: People, clock: FixedClock
) -> None:
    code = await report(service, people, *ASKED)
    clock.advance(timedelta(days=11))
    async with service.here.engine.begin() as conn:
        await service.here.use(Pauses).run(conn, clock.now())
        late = asyncio.create_task(supplement(service, people, code))
        await until_waiting(service, 1)
    assert await late == 412
    assert await changes(service, code) == ["receive", *ASKED, "go_on"]


async def test_what_is_erased_is_not_opened_again_and_keeps_no_word(
    service: Service, people: People, tokens: TestTokens
) -> None:
    """Whoever of operator, sender and officer is first: no report is both open and erased, and no word is left."""
    operator = tokens(sub="operator-1", roles=["operator"])
    codes = [await report(service, people, *CLOSED) for _ in range(12)]

    async def erase(code: str) -> int:
        body = {"what": "text", "reason": "order"}
        path = f"/v1/feedback/{code}/erasures"
        return (await service.client.post(path, json=body, headers=operator)).status_code

    async def reopen(code: str) -> int:
        return (await service.act(code, "reopen", people["citizen"], 6, {"reason": "Vẫn tối"})).status_code

    async def note(code: str) -> int:
        return (await service.act(code, "add_note", people["officer"], 6, {"note": "Đã gọi điện"})).status_code

    async def all_three(number: int, code: str) -> tuple[int, int, int]:
        async with held(service, code):
            order = [erase, reopen, note] if number % 2 else [note, reopen, erase]
            asked = {what: asyncio.create_task(what(code)) for what in order[number % 3 :] + order[: number % 3]}
            await until_waiting(service, 3)
        return await asked[erase], await asked[reopen], await asked[note]

    outcomes = set[tuple[int, int, int]]()
    for number, code in enumerate(codes):
        erased, reopened, noted = await all_three(number, code)
        outcomes.add((erased, reopened, noted))
        done = await changes(service, code)
        assert done[6:] == ["reopen"] * (reopened == 200) + ["add_note"] * (noted == 200)
        assert (erased == 200) != (reopened == 200)
        if erased == 200:
            assert reopened in {404, 412}
            entries = await service.rows(select(history.c.note, history.c.details).where(history.c.code == code))
            assert all(entry.note is None and entry.details == {} for entry in entries)
    assert len(outcomes) > 1, "whoever comes first"


@pytest.fixture
async def renewed(settings: FeedbackSettings, clock: FixedClock, tmp_path: Path) -> AsyncIterator[Context]:
    """A worker with a newer calendar than the service: the day after the reports has become a day off."""
    profile = tmp_path / "hanoi"
    shutil.copytree(PROFILE, profile)
    document = profile / "calendar.yaml"
    words = document.read_text("utf-8").replace("      - 2026-11-24\n", "      - 2026-11-19\n      - 2026-11-24\n")
    document.write_text(words.replace('version: "2026.2"', 'version: "2026.9"'), "utf-8")
    app = build_app(settings.model_copy(update={"profile": profile}), clock)
    async with app.router.lifespan_context(app):
        yield app.state.context


async def recount(here: Context) -> None:
    async with here.engine.begin() as conn:
        await here.use(Recounting).run(conn, here.clock.now())


async def test_actions_and_a_recount_at_once_lose_nothing(service: Service, people: People, renewed: Context) -> None:
    codes = [await report(service, people, "assign") for _ in range(10)]

    async def accept(code: str) -> int:
        return (await service.act(code, "accept", people["officer"], 2)).status_code

    status, *_ = await asyncio.gather(
        asyncio.gather(*(accept(code) for code in codes)), recount(renewed), recount(renewed)
    )
    assert set(status) <= {200, 412}
    await recount(renewed)
    right = {"2026-11-27 10:30:00+00:00"}
    rows = await service.rows(select(feedback.c.resolve_due_at, feedback.c.own_resolve_due_at))
    assert {str(due_at) for row in rows for due_at in row} == right
    for code, answer in zip(codes, status, strict=True):
        done = (await changes(service, code))[2:]
        assert done.count("accept") == (answer == 200)
        assert 1 <= done.count("recount") <= 2


async def test_what_became_right_meanwhile_is_not_counted_anew(
    service: Service, people: People, renewed: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another round comes between its look at the reports and the locks."""
    await report(service, people, "assign")
    lock = recounted.lock

    async def lock_later(conn: AsyncConnection, codes: Collection[str]) -> Sequence[Feedback]:
        monkeypatch.setattr(recounted, "lock", lock)
        await recount(renewed)
        return await lock(conn, codes)

    monkeypatch.setattr(recounted, "lock", lock_later)
    await recount(renewed)
    events = await service.rows(select(outbox.c.aggregateversion).where(outbox.c.type == FeedbackRecounted.TYPE))
    assert [event.aggregateversion for event in events] == [3]

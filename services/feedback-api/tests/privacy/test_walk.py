"""Marked personal data are sent by every channel and role; they stand in the columns that say so, and nowhere else."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
import structlog
from prometheus_client import generate_latest
from sqlalchemy import select, text
from structlog.testing import LogCapture

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.files.settings import StorageSettings
from cchc_shared.http import access_log
from cchc_shared.storage.personal import SENDER, WORDS, marked
from feedback_api.bootstrap import build_worker
from feedback_api.metadata import METADATA
from feedback_api.settings import FeedbackSettings
from tests.support.tokens import TestTokens

from ..conftest import People, Service
from . import walk as marks
from .walk import CONTACT, LEADING, Walk

Columns = set[tuple[str, str]]
NOT_WRITTEN = {("feedback", "lat"), ("feedback", "lon"), ("feedback", "routing")}
"""Numbers, and the words of a rule that were found in the text."""

MEANT = {*((name, "/reporter") for name in ("citizen", "officer", "head")), ("citizen", "/my-data")}
"""Who is to see contact data, and where: the sender, and the unit that holds the report."""


def declared(mark: dict[str, str]) -> Columns:
    return {(table.name, column.name) for table in METADATA.sorted_tables for column in marked(table, mark)}


@pytest.fixture
def said() -> Iterator[list[str]]:
    """All that is logged meanwhile."""
    captured, lines = LogCapture(), list[str]()
    processors = structlog.get_config()["processors"]
    before = list(processors)
    # In place: a logger that is used for the first time meanwhile keeps the list for ever.
    processors[:] = [structlog.contextvars.merge_contextvars, captured]
    access_log.write_with(lambda fields: lines.append(str(fields)))
    yield lines
    lines += map(str, captured.entries)
    access_log.write_with(access_log.by_structlog)
    processors[:] = before


@pytest.fixture
async def walk(service: Service, people: People, tokens: TestTokens, said: list[str]) -> Walk:
    people["operator"] = tokens(sub="operator-1", roles=["operator"])
    people["inspector"] = tokens(sub="inspector-1", roles=["inspector"])
    people["board"] = tokens(sub="board-1", roles=["scoring_board", "council"])
    done = Walk(service, people)
    await done.everything()
    return done


def kept(folder: Path) -> list[Path]:
    """The files of attachments that are stored there."""
    return [file for file in (folder / "attachments").rglob("*") if file.is_file()]


async def columns_with(service: Service, looked_for: tuple[str, ...]) -> Columns:
    """Columns of the whole schema in which a mark stands, in the text or in the bytes."""
    found = set()
    for table in METADATA.sorted_tables:
        for row in await service.rows(select(table)):
            for column, value in row._mapping.items():
                shown = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                if any(mark in shown for mark in looked_for):
                    found.add((table.name, str(column)))
    return found


async def test_marks_stand_where_they_may_and_nowhere_else(
    walk: Walk, said: list[str], settings: FeedbackSettings, clock: FixedClock, tmp_path: Path
) -> None:
    service = walk.service
    assert await columns_with(service, CONTACT) == set()
    assert await columns_with(service, (marks.WORDS,)) == declared(WORDS) - NOT_WRITTEN
    assert await columns_with(service, LEADING) <= declared(SENDER) | declared(WORDS)
    files = {str(file): file.read_bytes() for file in kept(tmp_path)}
    assert files
    assert not [name for name, content in files.items() if any(m in name or m.encode() in content for m in CONTACT)]

    await what_others_are_answered(walk)
    await what_everyone_is_answered(walk)
    await what_is_left(walk, settings, clock, tmp_path)

    assert [line for line in said if any(mark in line for mark in (*CONTACT, *LEADING, marks.WORDS))] == []
    assert said
    metrics = generate_latest().decode()
    assert "cchc_http_requests_total" in metrics
    assert not [mark for mark in (*CONTACT, *LEADING, marks.WORDS, "PA-26-") if mark in metrics]


async def what_others_are_answered(walk: Walk) -> None:
    """Strangers and other citizens learn nothing; no official is shown a contact by the way."""
    client, everyone = walk.client, {**walk.people, "nobody": {}}
    strangers = {"nobody", "other_citizen", "board", "operator"}
    places = ("", "/history", "/clocks", "/reporter", "/my-data", "/contact-accesses", "/erasures", "/attachments")
    for path in (walk.paths[0], walk.paths[8], walk.paths[-1], walk.paths[-3]):
        for place in (*places, "/open311"):
            for name, caller in everyone.items():
                if (name, place) in MEANT:
                    continue
                answer = await client.get(f"{path}{place}", headers=caller)
                assert not [mark for mark in CONTACT if mark in answer.text], (name, path, place)
                assert name not in strangers or marks.WORDS not in answer.text, (name, path, place)
    for name, caller in walk.people.items():
        for path in ("/v1/feedback", "/v1/statistics/feedback", "/v1/parked-events/feedback", "/v1/me/data"):
            answer = await client.get(path, headers=caller)
            assert name == "citizen" or not [mark for mark in CONTACT if mark in answer.text], (name, path)
            assert name not in strangers or marks.WORDS not in answer.text, (name, path)


async def what_everyone_is_answered(walk: Walk) -> None:
    """Public pages hold what was published, and nothing of who sent it."""
    for path in ("requests", "servicerequestupdates", "services", "discovery"):
        for form in ("json", "xml"):
            answer = await walk.client.get(f"/open311/v2/{path}.{form}", params={"extensions": "true"})
            assert answer.status_code == 200
            assert path != "requests" or marks.WORDS in answer.text
            assert not [mark for mark in (*CONTACT, *LEADING) if mark in unquote(answer.text)], path


async def what_is_left(walk: Walk, settings: FeedbackSettings, clock: FixedClock, folder: Path) -> None:
    """Nothing: of half of them at somebody's request, of the others when their time has come."""
    service, operator = walk.service, walk.people["operator"]
    body = {"what": "text", "reason": "sender_request"}
    early, later = walk.paths[::2], walk.paths[1::2]
    for path in early:
        answer = await walk.client.post(f"{path}/erasures", json=body, headers=operator)
        assert answer.status_code == 200, answer.text
        code = path.rpartition("/")[2]
        for table in METADATA.sorted_tables:
            if "code" in table.c and {"feedback_erasure", "contact_access"}.isdisjoint({table.name}):
                rows = [str(row) for row in await service.rows(select(table).where(table.c.code == code))]
                assert not [row for row in rows if any(mark in row for mark in (*LEADING, marks.WORDS))], table.name
        answers = await service.rows(select(METADATA.tables["idempotency"]))
        assert [row.key for row in answers if row.about == code] == []
        assert [row.caller for row in answers if code in str(row.headers) and row.caller != ""] == []
    left = {row.code for row in await service.rows(select(METADATA.tables["feedback"])) if row.content}
    assert left == {path.rpartition("/")[2] for path in later}

    clock.advance(timedelta(days=366 * 6))
    async with service.here.engine.begin() as conn:  # answers are kept by the database's own clock
        await conn.execute(text("UPDATE idempotency SET created_at = created_at - interval '8 days'"))
    given = settings.model_dump(include=set(StorageSettings.model_fields), by_alias=True)
    worker = build_worker(StorageSettings(**given), clock)
    async with worker.router.lifespan_context(worker), asyncio.timeout(90):
        while await columns_with(service, (marks.WORDS, *LEADING)) or kept(folder):
            clock.advance(timedelta(minutes=1))
            await asyncio.sleep(0.1)
    assert await columns_with(service, (*CONTACT, *LEADING, marks.WORDS)) == set()

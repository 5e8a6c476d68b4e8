"""Whatever breaks off, no row points to nothing, and what no row points to is removed in the end."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.files.objects import Objects
from cchc_shared.service.timers import TimerLoop
from feedback_api.attachments import repository, service
from feedback_api.attachments.timers import REMOVAL
from feedback_api.reports.attachments import Attachment, discard, erase, of_reports
from feedback_api.reports.models import attachments, discarded

from ..conftest import Service
from .conftest import Report, kept
from .files import jpeg

LATER = timedelta(hours=2)


class Crashed(BaseException):
    """The process ends here."""


async def sweep(here: Service) -> None:
    """What the worker does, until nothing is left to do."""
    loop = TimerLoop(here.here, [], [REMOVAL], [])
    while await loop.round():
        pass


async def rows(report: Report) -> list[Attachment]:
    async with report.service.here.reading.connect() as conn:
        return list(await of_reports(conn, [report.code]))


@pytest.mark.parametrize("at", ["first object", "second object", "row"])
async def test_a_crash_leaves_no_row_and_what_it_leaves_is_removed(
    report: Report, stored: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    put, calls = Objects.put, 0

    async def crash(*_: object) -> None:
        raise Crashed

    async def put_or_crash(self: Objects, key: str, file: Path) -> None:
        nonlocal calls
        calls += 1
        await put(self, key, file)
        if calls == (1 if at == "first object" else 2):
            raise Crashed

    if at == "row":
        monkeypatch.setattr(repository, "add", crash)
    else:
        monkeypatch.setattr(Objects, "put", put_or_crash)
    with pytest.raises(Crashed):
        await report.attach()
    monkeypatch.undo()
    left = kept(stored)
    assert (len(left), await rows(report)) == (1 if at == "first object" else 2, [])
    await sweep(report.service)
    assert kept(stored) == left  # the request might still be at work
    clock.advance(LATER)
    await sweep(report.service)
    assert kept(stored) == []
    assert await report.service.rows(select(discarded)) == []


async def test_what_is_referred_to_is_never_removed(report: Report, stored: Path, clock: FixedClock) -> None:
    shown = await report.attached()
    objects = kept(stored)
    async with report.service.here.engine.begin() as conn:  # as a second request left it that crashed
        [found] = await of_reports(conn, [report.code])
        await discard(conn, found.keys, clock.now())
    await sweep(report.service)
    assert kept(stored) == objects
    assert (await report.get(shown["id"])).status_code == 200
    assert await report.service.rows(select(discarded)) == []


async def test_a_row_is_not_written_once_its_object_was_removed(
    report: Report, stored: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request took longer than anybody waits, and the worker came first."""
    locked = service.Attachments._locked

    async def late(*given: object) -> object:
        clock.advance(LATER)
        await sweep(report.service)
        return await locked(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(service.Attachments, "_locked", late)
    answer = await report.attach()
    assert (answer.status_code, kept(stored), await rows(report)) == (503, [], [])
    monkeypatch.undo()
    assert (await report.attach()).status_code == 201


async def test_a_storage_that_fails_leaves_nothing(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Objects(None)
    monkeypatch.setattr(Objects, "put", lambda _, key, file: nowhere.__class__.get(nowhere, key))
    answer = await report.attach()
    assert (answer.status_code, answer.json()["code"]) == (503, "storage-unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert await rows(report) == []


async def test_what_is_erased_goes_with_its_objects(report: Report, stored: Path, clock: FixedClock) -> None:
    for side in (30, 40, 50):
        await report.attached(jpeg(side, side))
    async with report.service.here.engine.begin() as conn:
        assert await erase(conn, report.code, clock.now()) == 3
    assert await report.service.rows(select(attachments)) == []
    await sweep(report.service)
    assert kept(stored) == []
    assert (await report.attach()).status_code == 201

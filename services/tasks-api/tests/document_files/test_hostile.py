"""Files that are not taken, faults on the way, and two at once: nothing is kept that no row refers to."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.files.objects import Objects
from cchc_shared.files.scanning import Command
from tasks_api.document_files.service import FilesOfDocuments
from tests.support.tasks import Api

from ..evidence.papers import HOSTILE, PDF, jpeg, office
from ..office.files import BAD
from ..working import problem
from .sending import add, added, assigned, kept, listed, registered, sweep, taken_back

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LOOKING = Command(["sh", "-c", "grep -q EICAR && exit 1; exit 0"])


@pytest.mark.parametrize("what", [*HOSTILE, *BAD])
async def test_hostile_files_are_refused_and_nothing_of_them_is_kept(city: Api, stored: Path, what: str) -> None:
    document = await registered(city)
    answer = await add(city, document, {**HOSTILE, **BAD}[what])
    assert problem(answer) == (422, "invalid", ["body.file"]), answer.text
    assert (await listed(city, document), kept(stored)) == ([], [])


async def test_what_unpacks_to_too_much_is_refused(city: Api, stored: Path) -> None:
    document = await registered(city)
    bomb = office(parts={"word/media/x.png": bytes(201_000_000)})
    assert problem(await add(city, document, bomb)) == (422, "invalid", ["body.file"])
    assert kept(stored) == []


async def test_malware_is_refused_and_a_silent_scanner_keeps_nothing(city: Api, stored: Path) -> None:
    document, here = await registered(city), city.here.use(FilesOfDocuments)
    object.__setattr__(here, "scanner", LOOKING)
    assert (await added(city, document))["scanned"] is True
    answer = await add(city, document, jpeg() + EICAR)
    assert (answer.status_code, answer.json()["code"]) == (422, "infected")
    object.__setattr__(here, "scanner", Command(["/nowhere"]))
    silent = await add(city, document, office())
    assert (silent.status_code, silent.json()["code"]) == (503, "scanner-unavailable")
    assert (len(await listed(city, document)), len(kept(stored))) == (1, 1)


async def test_bounds_of_size_and_number(city: Api) -> None:
    document = await registered(city)
    most = PDF[:-6] + bytes(15_000_000 - len(PDF)) + PDF[-6:]
    over = await add(city, document, most[:-6] + b"\0" + most[-6:])
    assert (over.status_code, over.json()["most_bytes"]) == (413, 15_000_000)
    last = await added(city, document, most)
    assert last["bytes"] == 15_000_000
    for at in range(19):
        last = await added(city, document, PDF.replace(b"1 0 obj", b"%d 0 obj" % at))
    assert problem(await add(city, document, jpeg())) == (422, "invalid", ["body.file"])
    assert await added(city, document, PDF.replace(b"1 0 obj", b"18 0 obj")) == last, "its answer may have been lost"
    assert (await taken_back(city, document, last)).status_code == 204
    await added(city, document, jpeg())


@pytest.mark.parametrize("key", ["", "one"])
async def test_two_at_once_are_one(city: Api, stored: Path, key: str) -> None:
    document = await registered(city)
    answers = await asyncio.gather(*(add(city, document, jpeg(), key=key) for _ in range(4)))
    done = [each.json() for each in answers if each.status_code == 201]
    assert {each.status_code for each in answers} <= {201, 409}, "a key that is in use is told so"
    assert done
    assert {each["id"] for each in done} == {each["id"] for each in await listed(city, document)}
    await sweep(city)
    assert len(kept(stored)) == 2


async def test_files_that_come_at_once_stay_within_the_bound(city: Api) -> None:
    document, here = await registered(city), city.here.use(FilesOfDocuments)
    contents = [PDF.replace(b"1 0 obj", b"%d 0 obj" % at) for at in range(24)]
    answers = await asyncio.gather(*(add(city, document, each) for each in contents))
    listing = await listed(city, document)
    assert len(listing) == here.rules.most == sum(each.status_code == 201 for each in answers)
    assert sorted(each["name"] for each in listing) == sorted(f"van-ban-{at}.pdf" for at in range(1, 21))


async def test_a_file_is_taken_back_or_a_task_comes_of_the_document_never_both_blindly(city: Api) -> None:
    for _ in range(3):
        document = await registered(city)
        shown = await added(city, document)
        back, _ = await asyncio.gather(taken_back(city, document, shown), assigned(city, document))
        [file] = await listed(city, document)
        assert (back.status_code, file["removed_at"] is None) in {(204, False), (409, True)}


@pytest.mark.parametrize("at", ["first object", "second object", "row"])
async def test_a_crash_leaves_no_row_and_what_it_leaves_is_removed(
    city: Api, stored: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    document = await registered(city)
    put, calls = Objects.put, 0

    class Crashed(BaseException):
        pass

    async def crash(*_: object) -> None:
        raise Crashed

    async def put_or_crash(self: Objects, key: str, file: Path) -> None:
        nonlocal calls
        calls += 1
        await put(self, key, file)
        if calls == (1 if at == "first object" else 2):
            raise Crashed

    if at == "row":
        monkeypatch.setattr("tasks_api.document_files.repository.add", crash)
    else:
        monkeypatch.setattr(Objects, "put", put_or_crash)
    with pytest.raises(Crashed):
        await add(city, document, jpeg())
    monkeypatch.undo()
    left = kept(stored)
    assert (await listed(city, document), len(left)) == ([], 1 if at == "first object" else 2)
    await sweep(city)
    assert kept(stored) == left, "the request might still be at work"
    clock.advance(timedelta(hours=2))
    await sweep(city)
    assert kept(stored) == []


async def test_without_a_storage_nothing_is_taken(city: Api) -> None:
    document = await registered(city)
    object.__setattr__(city.here.use(FilesOfDocuments), "objects", Objects(None))
    answer = await add(city, document)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage-unavailable")
    assert await listed(city, document) == []

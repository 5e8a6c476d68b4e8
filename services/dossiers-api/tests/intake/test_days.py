"""A day in one file: what is wrong is named by its line, memory is bounded, and sent again it is a repeat."""

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import httpx
import pytest

from cchc_shared.http.field_errors import FieldError
from dossiers_api.intake import days, lines, routes
from dossiers_api.intake.lines import LONGEST, MOST_LINES

from ..conftest import CODE, ITEM, Service, item
from .test_vocabulary import ITEM as NATIONAL

HANDLED = item("handled", "2026-11-13T09:00")


def written(*items: object) -> bytes:
    return b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in items)


async def posted(service: Service, content: bytes, **headers: str) -> httpx.Response:
    given = {"Content-Type": "application/x-ndjson", **headers}
    return await service.client.post("/v1/dossiers/days", content=content, headers={**service.system, **given})


async def sent(service: Service, content: bytes, **headers: str) -> list[dict[str, Any]]:
    """The lines of the answer."""
    answer = await posted(service, content, **headers)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_a_day_is_taken_and_each_wrong_line_is_named(service: Service) -> None:
    content = (
        written(ITEM, NATIONAL | {"MaHoSo": "H26.33-261102-0007"})
        + b"\n{nothing\n"
        + written(ITEM | {"channel": "pigeon"}, HANDLED, ITEM, ITEM | {"fee_charged": True})
    )
    *wrong, so_far, last = await sent(service, content)
    assert [(each["line"], each["problem"]["errors"][0]["field"]) for each in wrong] == [
        (4, ""), (5, "channel"), (8, "fee_charged"),
    ]  # fmt: skip
    assert {each["problem"]["errors"][0]["row"] for each in wrong} == {4, 5, 8}
    assert last == {"lines": 8, "accepted": 3, "duplicate": 1, "rejected": 3, "done": True}
    assert so_far == last | {"done": False}
    assert (await service.get(CODE))["status"] == "handled"


async def test_sent_again_packed_it_is_a_repeat(service: Service) -> None:
    content = written(ITEM, HANDLED)
    await sent(service, content)
    before = await service.events()
    last = (await sent(service, gzip.compress(content), **{"Content-Encoding": "gzip"}))[-1]
    assert last == {"lines": 2, "accepted": 0, "duplicate": 2, "rejected": 0, "done": True}
    assert await service.events() == before


async def test_a_packed_file_that_breaks_off_keeps_what_was_whole(service: Service) -> None:
    packed = gzip.compress(written(*(ITEM | {"dossier": f"H26.33-261102-{number:04}"} for number in range(3000))))
    *_, refused, _, last = await sent(service, packed[: len(packed) // 2], **{"Content-Encoding": "gzip"})
    assert (refused["problem"]["errors"][0]["row"], last["done"]) == (last["lines"], True)
    assert 0 < last["accepted"] < 3000


async def test_what_is_no_day_is_refused_before_anything_is_taken(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await posted(service, written(ITEM), **{"Content-Type": "application/json"})).status_code == 415
    assert (await posted(service, written(ITEM), **{"Content-Encoding": "br"})).status_code == 415
    monkeypatch.setattr(routes, "MOST_BYTES", 2_000_000)
    assert (await posted(service, b" " * 3_000_000)).status_code == 413
    assert not await service.events()


async def test_places_are_given_back_whatever_happens(service: Service) -> None:
    places = service.here.use(days.Days).places
    for content in (written(ITEM), b"\x00", b""):
        await sent(service, content)
        await sent(service, content, **{"Content-Encoding": "gzip"})
    assert places.borrowed_tokens == 0
    held = [object() for _ in range(days.FILES_AT_ONCE)]
    for each in held:
        places.acquire_on_behalf_of_nowait(each)
    answer = await posted(service, b"")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b'{"status": "received", "status": "handled"}', "status"),
        (b'{"a": {"b": 1, "b": 1}}', "b"),
        (b"[" * 5_000, ""),
        (b"\xff\xfe{}", ""),
        (b"NaN,", ""),
    ],
)
def test_a_line_that_cannot_be_meant_says_why(line: bytes, field: str) -> None:
    found = lines.read(line)
    assert isinstance(found, FieldError)
    assert found.field == field


def test_a_bomb_is_read_in_bounded_memory(tmp_path: Path) -> None:
    """300 MB of one line, and then one that can be read."""
    file = tmp_path / "day"
    with gzip.open(file, "wb", compresslevel=1) as packed:
        for _ in range(300):
            packed.write(b"[" * 1_000_000)
        packed.write(b"\n" + written(ITEM))
    tracemalloc.start()
    [found] = lines.lines(file, 1000, packed=True)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [line.number for line in found] == [1, 2]
    assert isinstance(found[0].item, FieldError)
    assert most < 4_000_000


def test_lines_beyond_a_day_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_LINES", 3)
    file = tmp_path / "day"
    file.write_bytes(written(ITEM) * 5)
    [first, second] = lines.lines(file, 2, packed=False)
    assert [line.number for line in (*first, *second)] == [1, 2, 3, 4]
    assert isinstance(second[-1].item, FieldError)
    assert str(MOST_LINES) in second[-1].item.vi


def test_the_longest_line_is_read(tmp_path: Path) -> None:
    file = tmp_path / "day"
    body = written(ITEM)[:-1]
    whole = body + b" " * (LONGEST - 1 - len(body)) + b"\n"
    file.write_bytes(whole + b" " + whole + body)
    [found] = lines.lines(file, 10, packed=False)
    assert [isinstance(line.item, FieldError) for line in found] == [False, True, False]

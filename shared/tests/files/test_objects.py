"""The port to the storage: the same of a folder and of memory, and what is said of one that fails."""

import os
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server
from threading import Thread
from typing import ClassVar

import pytest

from cchc_shared.files import objects as objects_module
from cchc_shared.files.objects import CHUNK, Objects
from cchc_shared.files.ranges import Span
from cchc_shared.http.problems import Problem

KEY = "PA-26-000001/00ff"


@pytest.fixture(params=["folder", "memory"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    return Objects.at((tmp_path / "dữ liệu").as_uri() if request.param == "folder" else "memory:///")


async def content(objects: Objects, key: str = KEY) -> bytes:
    found = await objects.get(key)
    read = b"".join([piece async for piece in found.pieces])
    assert len(read) == found.size
    return read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def write(file: Path, content: bytes) -> None:
    file.write_bytes(content)


@pytest.mark.parametrize("size", [1, 1000, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
async def test_what_was_stored_is_read_back(objects: Objects, file: Path, size: int) -> None:
    written = bytes(range(251)) * (size // 251 + 1)
    write(file, written[:size])
    await objects.put(KEY, file)
    assert await content(objects) == written[:size]


async def test_an_object_may_be_stored_again(objects: Objects, file: Path) -> None:
    for written in (b"one", b"another"):
        write(file, written)
        await objects.put(KEY, file)
        assert await content(objects) == written


async def test_what_is_removed_is_gone_and_may_be_removed_again(objects: Objects, file: Path) -> None:
    write(file, b"x")
    await objects.put(KEY, file)
    await objects.put("other/1", file)
    for _ in range(2):
        await objects.delete([KEY])
    with pytest.raises(Problem, match="storage-unavailable"):
        await objects.get(KEY)
    assert await content(objects, "other/1") == b"x"


async def test_without_a_storage_everything_is_refused(file: Path) -> None:
    write(file, b"x")
    nowhere = Objects.at(None)
    assert not nowhere.is_there
    for call in (nowhere.put(KEY, file), nowhere.get(KEY), nowhere.delete([KEY])):
        with pytest.raises(Problem) as refused:
            await call
        assert (refused.value.code, refused.value.headers) == ("storage-unavailable", {"Retry-After": "5"})


def test_a_folder_is_found_by_its_name(tmp_path: Path) -> None:
    Objects.at((tmp_path / "dữ liệu").as_uri())
    assert (tmp_path / "dữ liệu").is_dir()


async def test_a_storage_that_fails_is_told_as_a_problem(tmp_path: Path, file: Path) -> None:
    objects = Objects.at(f"{tmp_path.as_uri()}/objects")
    write(file, b"x")
    shutil.rmtree(tmp_path / "objects")
    write(tmp_path / "objects", b"no folder")
    with pytest.raises(Problem) as failed:
        await objects.put(KEY, file)
    assert failed.value.code == "storage-unavailable"


class Bucket(BaseHTTPRequestHandler):
    """Takes what is put into it and gives it back, as S3 does."""

    taken: ClassVar[dict[str, bytes]] = {}

    def do_PUT(self) -> None:
        assert "Credential=an-id/" in self.headers["Authorization"]
        self.taken[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, b"")

    def do_HEAD(self) -> None:
        self.answer(200, self.taken[self.path])

    def do_GET(self) -> None:
        content = self.taken[self.path]
        if (wanted := self.headers["Range"]) is None:
            self.answer(200, content)
        else:
            first, last = map(int, wanted.removeprefix("bytes=").split("-"))
            part = content[first : last + 1]
            self.answer(206, part, **{"Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(content)}"})

    def answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        told = {"ETag": '"1"', "Last-Modified": "Wed, 18 Nov 2026 02:00:00 GMT", "Content-Length": str(len(content))}
        for name, value in (told | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def name_s3(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    given = {"ENDPOINT": f"http://127.0.0.1:{port}", "ALLOW_HTTP": "true", "REGION": "hanoi"}
    for name, value in {**given, "ACCESS_KEY_ID": "an-id", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Objects]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    Thread(target=server.serve_forever, daemon=True).start()
    name_s3(monkeypatch, server.server_port)
    yield Objects.at("s3://bucket/prefix")
    server.shutdown()
    server.server_close()
    Bucket.taken.clear()


async def test_s3_is_found_by_its_settings(s3: Objects, file: Path) -> None:
    write(file, b"x")
    await s3.put(KEY, file)
    assert Bucket.taken == {f"/bucket/prefix/{KEY}": b"x"}


@pytest.mark.parametrize("where", ["folder", "memory", "s3"])
async def test_some_bytes_of_an_object_are_read(s3: Objects, tmp_path: Path, file: Path, where: str) -> None:
    objects = s3 if where == "s3" else Objects.at("memory:///" if where == "memory" else tmp_path.as_uri())
    write(file, b"0123456789")
    await objects.put(KEY, file)
    assert await objects.size(KEY) == 10
    for first, past in ((0, 1), (3, 7), (9, 10), (0, 10)):
        found = await objects.get(KEY, Span(first, past, 10))
        assert b"".join([piece async for piece in found.pieces]) == b"0123456789"[first:past]
        assert found.size == 10


async def test_a_storage_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """By itself the library asks again for three minutes."""
    write(file, b"x")
    for name in ("ANSWER_SECONDS", "STORE_SECONDS"):
        monkeypatch.setattr(objects_module, name, 0.1)
    with create_server(("127.0.0.1", 0)) as silent:
        name_s3(monkeypatch, silent.getsockname()[1])
        objects = Objects.at("s3://bucket")
        for call in (objects.put(KEY, file), objects.get(KEY), objects.size(KEY), objects.delete([KEY])):
            with pytest.raises(Problem, match="storage-unavailable"):
                await call


async def test_what_a_crash_left_of_a_file_goes_with_it(tmp_path: Path, file: Path) -> None:
    """The folder's store writes under a name of its own, and renames when all is there."""
    objects = Objects.at(tmp_path.as_uri())
    write(file, b"x")
    for key in (KEY, f"{KEY}1"):
        await objects.put(key, file)
    half, other = (tmp_path / f"{key}#1" for key in (KEY, f"{KEY}1"))
    write(half, b"half")
    write(other, b"half")
    await objects.delete([KEY])
    left = {each.name for each in (tmp_path / KEY).parent.iterdir()}
    assert left == {"00ff1", "00ff1#1"}


async def test_a_new_folder_is_flushed_with_its_name(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without that a crash of the machine takes the folder, and every file in it."""
    opened: dict[int, Path] = {}
    flushed: list[Path] = []
    open_, really = os.open, os.fsync

    def noted(path: Path, flags: int) -> int:
        descriptor = open_(path, flags)
        opened[descriptor] = path
        return descriptor

    def flush(descriptor: int) -> None:
        flushed.append(opened[descriptor])
        really(descriptor)

    monkeypatch.setattr(os, "open", noted)
    monkeypatch.setattr(os, "fsync", flush)
    root = tmp_path / "objects"
    write(file, b"x")
    await Objects.at(root.as_uri()).put(KEY, file)
    assert flushed == [root / KEY, (root / KEY).parent, root]

"""The port to the storage: the same of a folder and of memory, and what is said of one that fails."""

import shutil
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from cchc_shared.http.problems import Problem
from feedback_api.attachments.objects import CHUNK, Objects

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
    """Takes whatever is put into it, as S3 would."""

    taken: ClassVar[dict[str, bytes]] = {}

    def do_PUT(self) -> None:
        assert "Credential=an-id/" in self.headers["Authorization"]
        self.taken[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


async def test_s3_is_found_by_its_settings(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    write(file, b"x")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    Thread(target=server.serve_forever, daemon=True).start()
    given = {"ENDPOINT": f"http://127.0.0.1:{server.server_port}", "ALLOW_HTTP": "true", "REGION": "hanoi"}
    for name, value in {**given, "ACCESS_KEY_ID": "an-id", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    try:
        await Objects.at("s3://bucket/prefix").put(KEY, file)
    finally:
        server.shutdown()
        server.server_close()
    assert Bucket.taken == {f"/bucket/prefix/{KEY}": b"x"}

"""The broker from packages, and the lock of its archives."""

import hashlib
import socket
from pathlib import Path

import pytest

from cchc_embedded import jars
from cchc_embedded.paths import SHARED_CACHE


def test_the_broker_accepts_connections(kafka: str) -> None:
    host, _, port = kafka.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5):
        pass


def test_every_archive_is_the_one_of_the_lock(kafka: str) -> None:
    for jar in jars.locked():
        content = (SHARED_CACHE / "kafka" / jar.file_name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == jar.sha256, jar.file_name


def test_an_archive_with_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    false = jars.Jar("org.example", "false", "1", "0" * 64)

    class Artifact:
        def project(self, *_: str, **__: str) -> "Artifact":
            return self

        at_version = artifact = project

        def resolve(self) -> Path:
            file = tmp_path / "fetched.jar"
            file.write_bytes(b"something else")
            return file

    monkeypatch.setattr(jars, "_maven", lambda _: Artifact())
    monkeypatch.setattr(jars, "locked", lambda: [false])
    with pytest.raises(RuntimeError, match="sha256"):
        jars.class_path(tmp_path / "cache", lambda _: None)
    assert not (tmp_path / "cache" / false.file_name).exists()

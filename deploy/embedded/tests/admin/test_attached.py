"""Attached files in a backup: each is copied once, linked afterwards, and missed when it is gone."""

import os
from pathlib import Path

import pytest

from cchc_embedded.admin.attached import ATTACHMENTS, copy, newest_before

KEYS = ("PA-26-000001/aa", "PA-26-000001/bb", "uploads/1/2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for key in KEYS:
        file = tmp_path / "attachments" / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(key)
    (tmp_path / "attachments" / "PA-26-000001" / "bb#1").write_text("half of a file")
    return tmp_path / "attachments"


def held(backup: Path) -> dict[str, str]:
    files = (file for file in backup.rglob("*") if file.is_file())
    return {str(file.relative_to(backup)): file.read_text() for file in files}


def test_what_rows_refer_to_is_copied_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    assert copy(folder, KEYS[1:], tmp_path / "to", None) == []
    assert held(tmp_path / "to") == {key: key for key in KEYS[1:]}


def test_the_next_backup_costs_what_is_new(folder: Path, tmp_path: Path) -> None:
    copy(folder, KEYS[:1], tmp_path / "first", None)
    assert copy(folder, KEYS, tmp_path / "second", tmp_path / "first") == []
    assert held(tmp_path / "second") == {key: key for key in KEYS}
    assert (tmp_path / "first" / KEYS[0]).samefile(tmp_path / "second" / KEYS[0])
    assert not (folder / KEYS[0]).samefile(tmp_path / "first" / KEYS[0])


def test_a_disk_without_links_gets_copies(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    copy(folder, KEYS, tmp_path / "first", None)
    monkeypatch.setattr(os, "link", refuse)
    assert copy(folder, KEYS, tmp_path / "second", tmp_path / "first") == []
    assert held(tmp_path / "second") == {key: key for key in KEYS}


def test_what_is_gone_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / KEYS[1]).unlink()
    assert copy(folder, KEYS, tmp_path / "to", None) == [KEYS[1]]


def test_the_newest_backup_with_files_is_found(tmp_path: Path) -> None:
    assert newest_before(tmp_path) is None
    for name in ("20260101T000000Z-dump", "20260102T000000Z-base", ".20260103T000000Z-dump-x"):
        (tmp_path / name / ATTACHMENTS).mkdir(parents=True)
    (tmp_path / "20260104T000000Z-dump").mkdir()
    assert newest_before(tmp_path) == tmp_path / "20260102T000000Z-base" / ATTACHMENTS

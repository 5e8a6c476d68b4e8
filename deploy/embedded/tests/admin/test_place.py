"""The operator's commands know what the last run on a data folder was given, whether it runs or not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cchc_embedded.admin.place import installation
from cchc_embedded.given import NAMES, remember

pytestmark = pytest.mark.unit
GIVEN = {"DATABASE_URL": "postgresql://host/one", "KAFKA_BOOTSTRAP_SERVERS": "broker:9092", "ARCHIVE_DIR": "/big"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Of a run that has ended."""
    with monkeypatch.context() as during:
        for name in NAMES:
            during.delenv(name, raising=False)
        for name, value in GIVEN.items():
            during.setenv(name, value)
        (tmp_path / "run").mkdir()
        remember(tmp_path)
    before = dict(os.environ)
    for name in NAMES:
        os.environ.pop(name, None)
    os.environ["CCHC_DATA_DIR"] = str(tmp_path)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


def test_what_it_was_given_is_known() -> None:
    here = installation()
    assert (here.given_database, here.kafka) == (GIVEN["DATABASE_URL"], GIVEN["KAFKA_BOOTSTRAP_SERVERS"])
    assert here.archive == Path("/big")


def test_what_the_caller_sets_comes_first(folder: Path) -> None:
    os.environ |= {"ARCHIVE_DIR": str(folder / "own"), "KAFKA_BOOTSTRAP_SERVERS": ""}
    here = installation()
    assert (here.given_database, here.kafka) == (GIVEN["DATABASE_URL"], None)
    assert here.archive == folder / "own"


def test_a_caller_who_names_another_database_means_another_system(folder: Path) -> None:
    os.environ["DATABASE_URL"] = "postgresql://host/two"
    here = installation()
    assert (here.given_database, here.kafka) == ("postgresql://host/two", None)
    assert here.archive == folder / "archive"

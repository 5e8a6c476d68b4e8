"""One version, said in two places: where packages are built, and where a process reads it."""

import tomllib
from pathlib import Path

import pytest

from cchc_shared.service.version import VERSION


@pytest.mark.unit
def test_the_version_is_that_of_the_package() -> None:
    document = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert document["project"]["version"] == VERSION

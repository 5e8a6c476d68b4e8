"""The layers of every service are watched: an arrow upward between feature folders turns the import rules red."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, WITH_FEATURES

REPOSITORY = Path(__file__).parents[2]
RULES = configparser.ConfigParser()
RULES.read(REPOSITORY / ".importlinter")


def layers_of(package: str) -> list[str]:
    """The layers of a service from top to bottom, one feature each, as the rules list them."""
    [contract] = [
        RULES[name]
        for name in RULES.sections()
        if RULES[name].get("type") == "layers" and RULES[name].get("containers", "").split() == [package]
    ]
    return [line.split("|")[0].strip() for line in contract["layers"].splitlines() if line.strip()]


@pytest.mark.parametrize("service", WITH_FEATURES)
def test_every_folder_of_a_service_stands_in_a_layer(service: str) -> None:
    package = PACKAGES[service]
    contract = next(
        RULES[name] for name in RULES.sections() if RULES[name].get("containers", "").split() == [package.name]
    )
    listed = {
        part.strip(" ()") for line in contract["layers"].splitlines() for part in line.replace(":", "|").split("|")
    }
    folders = {folder.name for folder in package.iterdir() if (folder / "__init__.py").is_file()}
    assert folders <= listed


@pytest.mark.parametrize("service", WITH_FEATURES)
def test_a_planted_upward_import_is_refused(service: str, tmp_path: Path) -> None:
    package = PACKAGES[service].name
    for each in PACKAGES.values():
        shutil.copytree(each, tmp_path / each.name)
    shutil.copytree(REPOSITORY / "shared/cchc_shared", tmp_path / "cchc_shared")
    shutil.copytree(REPOSITORY / "deploy/embedded/cchc_embedded", tmp_path / "cchc_embedded")
    _, feature, *_, ground = layers_of(package)
    found = tmp_path / package / ground
    planted = found / "__init__.py" if found.is_dir() else found.with_suffix(".py")
    planted.write_text(f"{planted.read_text('utf-8')}\nimport {package}.{feature}\n", "utf-8")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config"]
    result = subprocess.run(
        [*command, str(REPOSITORY / ".importlinter")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0, result.stdout
    assert f"{package}.{ground} is not allowed to import {package}.{feature}" in result.stdout

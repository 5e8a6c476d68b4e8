"""The floors of every service are watched: each kind of arrow that must not be turns the import rules red.

All arrows are planted in one copy of the sources, and the rules must name each of them by itself.
"""

import configparser
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, REPOSITORY, WITH_FEATURES

RULES = configparser.ConfigParser()
RULES.read(REPOSITORY / ".importlinter")


def layers_of(package: str) -> list[list[str]]:
    """The floors of a package from top to bottom, as the rules list them: the rooms of each."""
    [contract] = [
        RULES[name]
        for name in RULES.sections()
        if RULES[name].get("type") == "layers" and RULES[name].get("containers", "").split() == [package]
    ]
    return [[room.strip() for room in line.split("|")] for line in contract["layers"].splitlines() if line.strip()]


def arrows_of(package: str) -> Iterator[tuple[str, str]]:
    """Arrows that must not be in a service: aggregate to feature, feature to feature, ground to bootstrap.

    A feature that stands alone above the others, and calls one of them, may be called by none.
    """
    floors = layers_of(package)
    below = floors.index(["bootstrap"]) + 1
    features = next((at for at in range(below, len(floors) - 1) if len(floors[at]) > 1), None)
    if features is None:  # a service with one feature
        yield f"{package}.{floors[-1][0]}", f"{package}.bootstrap"
        return
    (feature, sibling, *_), (aggregate, *_), (ground, *_) = floors[features], floors[features + 1], floors[-1]
    above = [(feature, alone) for [alone] in floors[below:features]]
    for importer, imported in (*above, (aggregate, feature), (feature, sibling), (ground, "bootstrap")):
        yield f"{package}.{importer}", f"{package}.{imported}"


ARROWS = [
    *(arrow for service in WITH_FEATURES for arrow in arrows_of(PACKAGES[service].name)),
    ("cchc_shared.storage", "cchc_shared.service"),
    ("cchc_shared.http", "cchc_shared.stream"),
    ("gateway.upstreams", "gateway.openapi"),
    ("gateway.pages", "gateway.identity"),
    ("relay.sql", "relay.publish"),
]


def plant(root: Path, importer: str, imported: str) -> None:
    """Let a module, or the `__init__` of a folder, import another."""
    found = root.joinpath(*importer.split("."))
    module = found / "__init__.py" if found.is_dir() else found.with_suffix(".py")
    module.write_text(f"{module.read_text('utf-8')}\nimport {imported}\n", "utf-8")


def verdict(root: Path) -> subprocess.CompletedProcess[str]:
    """What the import rules say of the sources in a folder."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config"]
    return subprocess.run(
        [*command, str(REPOSITORY / ".importlinter")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


pytestmark = pytest.mark.xdist_group("layers of the house")  # one process makes the fixtures, once


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of everything that the rules speak of."""
    root = tmp_path_factory.mktemp("sources")
    sources = [*PACKAGES.values(), REPOSITORY / "shared/cchc_shared", REPOSITORY / "deploy/embedded/cchc_embedded"]
    for each in sources:
        shutil.copytree(each, root / each.name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture(scope="module")
def complaints(copied: Path) -> str:
    """What the rules say with every arrow planted; without one they had nothing to say."""
    clean = verdict(copied)
    assert clean.returncode == 0, clean.stdout
    for importer, imported in ARROWS:
        plant(copied, importer, imported)
    planted = verdict(copied)
    assert planted.returncode == 1, planted.stdout + planted.stderr
    return planted.stdout


@pytest.mark.parametrize("service", WITH_FEATURES)
def test_every_folder_of_a_service_stands_on_a_floor(service: str) -> None:
    package = PACKAGES[service]
    listed = {room for floor in layers_of(package.name) for room in floor}
    folders = {folder.name for folder in package.iterdir() if (folder / "__init__.py").is_file()}
    assert folders <= listed


@pytest.mark.parametrize(("importer", "imported"), ARROWS)
def test_a_planted_arrow_is_refused(complaints: str, importer: str, imported: str) -> None:
    assert f"- {importer} -> {imported} (l." in complaints

"""The commands of the guides, as they are printed, against a running system of their own."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.snippets import shell_blocks
from tests.end_to_end.test_readme import follow
from tests.support.installed import Installed
from tests.support.system import System

GUIDES = Path("docs/guides")
PAGES = sorted(GUIDES.glob("*.md"))
COMMANDS = (
    "first-dossier",
    "vendor",
    "dossiers",
    "keys",
    "webhooks",
    "events",
    "surveys",
    "seasons",
    "index-sets",
    "operator",
    "alerts",
    "retention",
    "upgrade",
)
"""The guides whose commands are run, in this order: the first ones leave nothing that the others would meet."""
ELSEWHERE = {
    "docker": ("docker compose ", "make up"),
    "until Ctrl-C": ("CCHC_DATA_DIR=$TRIAL CCHC_PORT=8090 make run",),
}
"""Why a block is not run here, as it is marked → what each line of it begins with.

No docker runs where the tests do; what serves until it is stopped would never come to its end.
"""
FENCE = re.compile(r"^```(.+)\n((?:.*\n)*?)^```$", re.MULTILINE)
DATA = {"http", "js", "json", "yaml", "nginx", "promql"}


@pytest.fixture
def own(folder: Path, installed: Installed) -> Iterator[System]:
    """A run of its own: its data are backed up and looked into."""
    with installed(folder / "data") as system:
        yield system


def test_the_commands_of_the_guides_work_as_printed(
    own: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("CCHC_", "MAKE", "MFLAGS"))]:
        monkeypatch.delenv(name)
    for name in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CCHC_DATA_DIR", str(own.folder))
    monkeypatch.setenv("CCHC_OPS_PORT", str(own.ops_port))
    for name in COMMANDS:
        blocks = shell_blocks((GUIDES / f"{name}.md").read_text("utf-8"))
        assert blocks, f"{name} has commands no more"
        follow(blocks, own.port, tmp_path)


def test_every_guide_with_commands_is_followed() -> None:
    with_commands = {page.stem for page in PAGES if shell_blocks(page.read_text("utf-8"))}
    assert with_commands == {*COMMANDS, "app-screen"}, "test_app_screen follows that one, with its answers"


@pytest.mark.parametrize("guide", PAGES, ids=lambda guide: guide.name)
def test_a_block_that_is_not_run_says_where_it_is(guide: Path) -> None:
    left = 0
    for info, body in FENCE.findall(guide.read_text("utf-8")):
        language, _, place = info.partition(" elsewhere: ")
        assert language in {"sh", *DATA}, f"{guide}: a block of {info!r}"
        if place:
            left += 1
            beginning = ELSEWHERE[place]
            assert all(line.startswith((*beginning, "#")) for line in body.splitlines()), f"{guide}:\n{body}"
    assert left <= 2, f"{guide}: {left} blocks that nothing runs"


@pytest.mark.parametrize("guide", PAGES, ids=lambda guide: guide.name)
def test_every_command_of_make_exists(guide: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", Path("Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z-]+)[ `]", guide.read_text("utf-8")))
    assert named <= targets


def test_make_help_lists_every_target() -> None:
    said = subprocess.run(["make", "help"], capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"^  make ([a-z-]+) ", said, re.MULTILINE))
    phony = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", Path("Makefile").read_text("utf-8"), re.MULTILINE)
    assert phony is not None
    assert listed == {name for name in phony[1].replace("\\", "").split() if not name.startswith(".")}

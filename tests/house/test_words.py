"""Words that were given up do not come back: one thing has one name, the one in the glossary."""

import re
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
READ = {".py", ".md", ".json", ".toml", ".yml", ".yaml", ".mako"}

FORMER = {
    "transport": r"[Cc]arriers?|CARRIER|\w+Carrier",
    "resolved, resolution": r"[Ss]ettled|settles?|settling",
    "nemesis, run": r"[Ss]torms?|test_storm\w*",
    "checker": r"[Aa]uditor",
    "gateway, public address": r"[Dd]oors?|\w+_doors?|doors?_\w+",
    "report, write, explain": r"_told|_tell|def told|def tell",
    "last error": r"last_words",
    "close, leave": r"goodbye|GOODBYE_SECONDS",
    "delete": r"_BURY|bury",
    "timer, sweep, tick": r"chores?",
    "classify": r"_?sift",
    "mark overdue": r"ripe|matured?",
    "purge": r"forgetting",
    "schemas, models": r"The wire of|wire's models",
    "emitted": r"AS told",
    "...Caller, Service": r"UseScores|Anyone = |Reader = Annotated|Official = Annotated|Use = Annotated",
}
"""The name of today → what it was called before, as a regular expression of whole words."""

ALLOWED = {
    "CHANGELOG.md": "tells under which names things were known before",
    "tests/house/test_words.py": "lists the former words",
    "tests/house/test_repetition.py": "its front doors are the entry modules of a process",
    "shared/cchc_shared/storage/ddl/inbox_1.py": "shipped: a frozen migration",
    "shared/cchc_shared/storage/ddl/inbox_2.py": "shipped: a frozen migration, which renames the column",
}
"""Path → the reason why it may use a former word."""


pytestmark = pytest.mark.xdist_group("words of the house")  # one process reads everything, once


@cache
def texts() -> Sequence[tuple[str, str]]:
    """The files of this repository with words in them, by path."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True, text=True
    ).stdout
    paths = {name: REPOSITORY / name for name in filter(None, listed.split("\0")) if name not in ALLOWED}
    return [
        (name, path.read_text("utf-8"))
        for name, path in paths.items()
        if (path.suffix in READ or path.name == "Makefile") and path.is_file()
    ]


@pytest.mark.parametrize("today", FORMER)
def test_a_former_word_does_not_come_back(today: str) -> None:
    pattern = re.compile(rf"(?<!\w)(?:{FORMER[today]})(?!\w)")
    found = [
        f"{name}:{number}: {match[0]}, today: {today}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert found == []


def test_every_exception_is_a_file() -> None:
    assert [name for name in ALLOWED if not (REPOSITORY / name).is_file()] == []

"""The page that builds a whole screen: its requests, from the top to the bottom, are answered as it prints."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cchc_shared.contract.codes import FeedbackStatus
from feedback_api.reports.transitions import TABLE, Party
from tests.end_to_end.answers import Answers
from tests.end_to_end.snippets import Snippet, shell_blocks
from tests.end_to_end.test_readme import SHELLS, follow
from tests.support.installed import Installed
from tests.support.system import System

PAGE = Path("docs/guides/app-screen.md").read_text("utf-8")
STEPS = shell_blocks(PAGE)
STATE = re.compile(r"^\| `(?P<status>\w+)` \| (?P<label>[^|]+) \|[^|]+\| (?P<possible>[^|]*)\|$", re.MULTILINE)
PRINTED = """HTTP/1.1 201 Created
etag: "1"

{"code": "PA-26-000001", "version": 1, "items": [{"at": "2026-11-27T05:00:00Z"}, "…"], "token": "ab…", "…": "…"}"""
GIVEN = """HTTP/1.1 201 Created
date: Sun, 03 Jan 2027 08:00:00 GMT
etag: "1"

{"code": "PA-27-000007", "version": 1, "items": [{"at": "2027-01-03T08:00:00.000001Z"}, 2], "token": "abc",
  "more": 0}"""


@pytest.fixture
def own(tmp_path: Path, installed: Installed) -> Iterator[System]:
    """A run of its own: the answers have everything that was sent, and nothing else."""
    with installed(tmp_path / "data") as system:
        yield system


def test_the_screen_is_built_as_printed(own: System, tmp_path: Path) -> None:
    assert sum(bool(step.answer) for step in STEPS) >= 35
    follow(STEPS, own.port, tmp_path)
    labels = {each["code"]: each["label"] for each in vocabulary(own)["statuses"]["items"]}
    printed = {found["status"]: found["label"] for found in STATE.finditer(PAGE)}
    assert printed == {code: f"{label['vi']} · {label['en']}" for code, label in labels.items()}
    for shell in SHELLS:
        without_answers = [Snippet(step.commands, step.expected) for step in STEPS]
        follow(without_answers, own.port, tmp_path, shell)


def vocabulary(system: System) -> dict[str, dict[str, list[dict[str, dict[str, str]]]]]:
    return httpx.get(f"{system.url}/v1/vocabulary").raise_for_status().json()  # type: ignore[no-any-return]


def test_each_state_names_what_its_sender_can_do() -> None:
    printed = {found["status"]: set(re.findall(r"\w+", found["possible"])) for found in STATE.finditer(PAGE)}
    of_sender = [row for row in TABLE.rows if Party.SENDER in row.by]
    assert printed == {
        state: {row.action.value for row in of_sender if state in row.sources} for state in FeedbackStatus
    }


def test_an_answer_as_printed_has_no_differences() -> None:
    assert Answers().differences(PRINTED, GIVEN) == []


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("201", "200"),
        ('etag: "1"', 'etag: "2"'),
        ('etag: "1"\n', ""),
        ("PA-27-000007", "PB-27-000007"),
        ('"version": 1', '"version": 2'),
        ('"version": 1', '"version": true'),
        ('"version": 1, ', ""),
        (',\n  "more": 0', ""),
        (", 2]", "]"),
        ("2027-01-03T08:00:00.000001Z", "2027-01-03"),
        ('"abc"', '"bc"'),
        ("{", "[{"),
    ],
)
def test_an_answer_that_is_another_is_found(was: str, now: str) -> None:
    given = GIVEN.replace(was, now, 1)
    assert given != GIVEN
    if now == "[{":
        given += "]"
    assert len(Answers().differences(PRINTED, given)) == 1


def test_what_was_printed_for_one_report_stands_for_no_other() -> None:
    answers = Answers()
    assert answers.differences(PRINTED, GIVEN) == []
    assert len(answers.differences(PRINTED, GIVEN.replace("000007", "000008"))) == 1

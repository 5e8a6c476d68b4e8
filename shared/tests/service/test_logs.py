"""A line of the log that finds no room is lost, and nothing else is."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from cchc_shared.http import access_log
from cchc_shared.service import logs


@pytest.fixture
def configured() -> Iterator[None]:
    """What a test configures is forgotten after it."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**before)
    access_log.write_with(access_log.by_structlog)
    root.handlers, root.level = handlers, level


def test_a_full_disk_fails_no_work(configured: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full, io.TextIOWrapper(full) as output:
        monkeypatch.setattr(sys, "stdout", output)
        logs.configure("some-worker", "info")
        structlog.get_logger().warning("batch refused", error="No space left on device")
        ask()
    ask()  # closed by now


def ask() -> None:
    access_log.write("GET", "/v1/tasks", 200, 0.0015, f"00-{'a' * 32}-{'b' * 16}-01", b"", "token")


class Narrow(io.BytesIO):
    """Takes no more than there is room for."""

    room = 10_000

    def write(self, line: object) -> int | None:  # type: ignore[override]
        assert isinstance(line, bytes)
        return super().write(line[: self.room]) if self.room else None


def test_a_line_that_was_cut_does_not_spoil_the_next_one() -> None:
    output = Narrow()
    lines = logs.Lines(output)
    lines.write(b'{"number":1}\n')
    output.room = 5
    lines.write(b'{"number":2}\n')
    output.room = 0
    lines.write(b'{"number":2}\n')
    output.room = 10_000
    lines.write(b'{"number":3}\n')
    first, _, third = output.getvalue().splitlines()
    assert [json.loads(line)["number"] for line in (first, third)] == [1, 3]

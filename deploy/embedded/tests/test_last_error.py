"""The line of a log that says why a process ended."""

from pathlib import Path

import pytest

from cchc_embedded.last_error import last_error, size

pytestmark = pytest.mark.unit

FULL_DISK = """\
2026-11-25 20:00:00.000 UTC [1] @ LOG:  starting PostgreSQL 18.4
2026-11-25 20:00:00.010 UTC [1] @ FATAL:  could not write lock file "postmaster.pid": No space left on device
2026-11-25 20:00:00.020 UTC [1] @ LOG:  database system is shut down
"""
TRACEBACK = """\
Traceback (most recent call last):
  File "x.py", line 1, in <module>
asyncpg.exceptions.InvalidCatalogNameError: database "cchc" does not exist
"""

SENT_AWAY = """\
2026-11-28 08:00:00.000 UTC [7] FATAL:  could not open file: File too large
2026-11-28 08:00:00.001 UTC [9] tasks_api@cchc FATAL:  the database system is in recovery mode
2026-11-28 08:00:00.002 UTC [1] LOG:  database system is shut down
"""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (FULL_DISK, 'FATAL:  could not write lock file "postmaster.pid": No space left on device'),
        (TRACEBACK, 'asyncpg.exceptions.InvalidCatalogNameError: database "cchc" does not exist'),
        (SENT_AWAY, "FATAL:  could not open file: File too large"),
        ("initdb: error: could not create directory: Permission denied\nremoving contents\n",
         "initdb: error: could not create directory: Permission denied"),
        ("one\ntwo\n\n", "two"),
        ('{"event": "source replaced", "error": "ForeignPositions: x", "service": "y"}\n',
         "source replaced: ForeignPositions: x"),
        ("LOG_LEVEL=loud: không dùng được · cannot work: x\nMAX_IN_FLIGHT=0: y · z\n",
         "LOG_LEVEL=loud: không dùng được · cannot work: x\n    MAX_IN_FLIGHT=0: y · z"),
        ("JWKS_URL: còn thiếu · is missing (where)\n", "JWKS_URL: còn thiếu · is missing (where)"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_says_most(tmp_path: Path, written: str, expected: str) -> None:
    log = tmp_path / "part.log"
    log.write_text(written)
    assert last_error(log) == expected


def test_what_an_earlier_run_wrote_says_nothing(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.write_text(FULL_DISK)
    before = size(log)
    assert last_error(log, before) == ""
    with log.open("a") as handle:
        handle.write("ValueError: now\n")
    assert last_error(log, before) == "ValueError: now"


def test_a_log_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert last_error(tmp_path / "part.log") == ""

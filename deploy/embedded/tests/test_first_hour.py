"""What goes wrong in the first hour is told in one sentence, never by a traceback."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest

from cchc_embedded.database_faults import explain
from cchc_embedded.launcher import unusable
from cchc_embedded.ports import free_ports, refusal
from tests.support.first_hour import Run
from tests.support.waiting import until_now

TRACES = ("Traceback", "Error:", "KeyboardInterrupt")


@pytest.mark.parametrize("moment", ["at once", "lần đầu tạo dữ liệu", "Vai trò, lược đồ"])
def test_ctrl_c_at_any_moment_of_a_first_start_leaves_nothing_and_no_traceback(tmp_path: Path, moment: str) -> None:
    with Run(tmp_path) as run:
        if moment == "at once":
            until_now(run.family, lambda family: len(family) > 0)
        else:
            until_now(run.screen, lambda text: moment in text)
        family = run.family()
        until_now(lambda: _asked(run), lambda code: code is not None)
        assert not [word for word in TRACES if word in run.screen()], run.screen()
        psutil.wait_procs(family, timeout=30)
        assert not [process for process in family if process.is_running()]


def _asked(run: Run) -> int | None:
    """Asks again, as who sits there does: what was said before the first line of the launcher is not heard."""
    code = run.process.poll()
    if code is None:
        run.interrupt()
    return code


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    assert not (tmp_path / "data" / "postgres").exists(), "nothing was started"


def test_a_database_that_cannot_be_reached_is_one_sentence(refused: Path) -> None:
    (port,) = free_ports(1)
    with Run(refused, DATABASE_URL=f"postgresql://x:secret@127.0.0.1:{port}/cchc") as run:
        assert run.process.wait() != 0
    said = run.screen()
    assert f"cannot start: prepare: PostgreSQL 127.0.0.1:{port}/cchc: không kết nối được · cannot be reached" in said
    assert "secret" not in said
    assert "Traceback" not in said


def test_a_kafka_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with Run(tmp_path, KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{port}") as run:
        assert run.process.wait() != 0
    said = run.screen()
    assert f"cannot start: prepare: Kafka 127.0.0.1:{port}: không kết nối được hoặc không dùng được" in said
    assert "Traceback" not in said


def test_settings_that_a_service_refuses_are_a_line_each(tmp_path: Path) -> None:
    with Run(tmp_path, LOG_LEVEL="loud", MAX_BODY_BYTES="2MB", BODY_SECONDS="0") as run:
        assert run.process.wait() != 0
    said = run.screen()
    assert "LOG_LEVEL=loud: không dùng được · cannot work: Input should be 'debug', 'info'" in said
    assert "\n    MAX_BODY_BYTES=2MB: không dùng được · cannot work: " in said
    assert "\n    BODY_SECONDS=0: không dùng được · cannot work: Input should be greater than 0" in said
    assert "ValidationError" not in said


def test_a_setting_that_the_last_process_refuses_ends_the_run(folder: Path) -> None:
    with Run(folder, CORS_ORIGINS="app.example", TRUSTED_PROXIES="proxy") as run:
        assert run.process.wait() != 0
    assert "CORS_ORIGINS=app.example: không dùng được" in run.screen()
    assert "TRUSTED_PROXIES=proxy: không dùng được · cannot work: 'proxy' does not appear to be" in run.screen()
    assert "cannot start: gateway: " in run.screen()
    assert "starts again" not in run.screen()


def test_a_port_that_is_not_for_this_user_is_not_called_taken() -> None:
    assert "port 80 wants rights" in unusable("CCHC_PORT", 80, PermissionError(13, "Permission denied"))
    assert "port 80 is taken" in unusable("CCHC_PORT", 80, OSError(98, "Address already in use"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert isinstance(refusal(taken.getsockname()[1]), OSError)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"CCHC_PORT": "abc"}, "CCHC_PORT=abc: phải là một số từ 1 đến 65535 · must be a number from 1 to 65535"),
        ({"CCHC_DATA_DIR": "/proc/cchc"}, "/proc/cchc không ghi được · cannot be written to"),
        ({"CCHC_DATA_DIR": sys.executable}, "là một tệp, không phải thư mục · is a file, not a folder"),
        ({"DATABASE_URL": "mysql://x"}, "must look like postgresql://role:password@host:5432/database"),
        ({"DATABASE_URL": "postgresql://h/d?gssencmode=disable"}, "DATABASE_URL: không dùng được · cannot be honoured"),
        ({"WORKERS": "0"}, "WORKERS=0: phải là một số từ 1 đến 12 · must be a number from 1 to 12"),
    ],
)
def test_a_setting_that_cannot_work_is_one_sentence(refused: Path, settings: dict[str, str], expected: str) -> None:
    with Run(refused, **settings) as run:
        assert run.process.wait() != 0
    assert expected in run.screen()
    assert "Traceback" not in run.screen()


async def test_what_a_server_refuses_is_said_in_words(postgres_url: str) -> None:
    address = urlsplit(postgres_url)
    place = f"{address.hostname}:{address.port}"
    cases = {
        f"postgresql://nobody:wrong@{place}/postgres": "refuses this role or password",
        postgres_url.rpartition("/")[0] + "/no_such_database": "there is no such database",
    }
    for url, expected in cases.items():
        with pytest.raises(asyncpg.PostgresError) as refusal:
            await asyncpg.connect(url)
        told = explain(refusal.value, f"{place}/cchc")
        assert told.startswith(f"PostgreSQL {place}/cchc: ")
        assert expected in told
        assert "\n" not in told
    assert "must be allowed to create roles" in explain(asyncpg.InsufficientPrivilegeError("denied"), place)
    assert "cannot be reached" in explain(ConnectionRefusedError(111, "Connection refused"), place)

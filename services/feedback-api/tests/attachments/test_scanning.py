"""Scanners for malware: a double of clamd that speaks its protocol, and commands."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from cchc_shared.files.scanning import Clamd, Command, Scanner, Silent, scanner_of
from feedback_api.attachments.service import Attachments
from feedback_api.reports.models import attachments

from .conftest import Report, kept
from .files import jpeg

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LOOKING = f"import sys; sys.exit({EICAR!r} in sys.stdin.buffer.read())"
SAYS = f"{sys.executable} -c"


@asynccontextmanager
async def clamd(socket: Path, answer: bytes | None = None) -> AsyncIterator[str]:
    """A daemon that looks for the test file; `answer` is what it says whatever it is sent."""

    async def scan(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        content = b""
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(size)
        said = b"stream: Eicar-Signature FOUND" if EICAR in content else b"stream: OK"
        writer.write((said if answer is None else answer) + b"\0" * (answer != b""))
        writer.close()

    async with await asyncio.start_unix_server(scan, socket):
        yield f"clamd://{socket}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def write(file: Path, content: bytes) -> None:
    file.write_bytes(content)


@pytest.mark.parametrize(("content", "infected"), [(jpeg(), False), (EICAR, True), (bytes(300_000) + EICAR, True)])
async def test_clamd_is_asked_and_understood(tmp_path: Path, file: Path, content: bytes, *, infected: bool) -> None:
    write(file, content)
    async with clamd(tmp_path / "socket") as address:
        assert await Clamd(address).is_infected(file) is infected
    assert await Command([sys.executable, "-c", LOOKING]).is_infected(file) is infected


@pytest.mark.parametrize("said", [b"INSTREAM size limit exceeded. ERROR", b""])
async def test_a_daemon_without_a_result_has_said_nothing(tmp_path: Path, file: Path, said: bytes) -> None:
    write(file, b"x")
    async with clamd(tmp_path / "socket", said) as address:
        with pytest.raises(Silent):
            await Clamd(address).is_infected(file)


@pytest.mark.parametrize(
    "setting", ["clamd:///nowhere", "clamd://127.0.0.1:1", "/nowhere", f"{SAYS} 'raise SystemExit(2)'"]
)
async def test_a_scanner_that_is_away_has_said_nothing(file: Path, setting: str) -> None:
    write(file, b"x")
    scanner = scanner_of(setting)
    assert scanner is not None
    with pytest.raises(Silent):
        await scanner.is_infected(file)


def test_without_a_setting_nobody_looks() -> None:
    assert scanner_of(None) is scanner_of("") is None


@pytest.fixture
def scanned(report: Report) -> Scanner:
    """The service with a scanner."""
    scanner = Command([sys.executable, "-c", LOOKING])
    object.__setattr__(report.service.here.use(Attachments), "scanner", scanner)
    return scanner


async def test_a_clean_file_is_said_to_be_clean(report: Report, scanned: Scanner) -> None:
    assert (await report.attached())["scan"] == "clean"


async def test_an_infected_file_is_refused_and_recorded(report: Report, stored: Path, scanned: Scanner) -> None:
    await report.advance("accept")
    for _ in range(2):
        answer = await report.attach(jpeg() + EICAR)
        assert (answer.status_code, answer.json()["code"]) == (422, "infected")
        assert answer.json()["errors"][0]["field"] == "body.file"
    assert kept(stored) == []
    assert await report.seen("citizen") == []
    [recorded] = (await report.get("", "officer")).json()["items"]
    assert recorded.items() >= {"scan": "infected", "by": "sender", "media_type": "application/octet-stream"}.items()
    assert (await report.get(recorded["id"], "officer")).status_code == 404
    assert (await report.decide(recorded["id"], "publish", "officer")).status_code == 404


async def test_while_the_scanner_is_away_nothing_is_taken(report: Report, stored: Path, scanned: Scanner) -> None:
    object.__setattr__(report.service.here.use(Attachments), "scanner", Command(["/nowhere"]))
    answer = await report.attach()
    assert (answer.status_code, answer.json()["code"]) == (503, "scanner-unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert kept(stored) == []
    assert await report.service.rows(select(attachments)) == []

"""Ports are given out once, also by processes that ask at the same time."""

import socket
import subprocess
import sys

import pytest

from cchc_embedded import ports

ASK = "from cchc_embedded import ports as p; p.PORTS = range({}, {}); print(*p.free_ports({})); input()"


def asking(few: range, count: int) -> subprocess.Popen[str]:
    """A process that holds so many of these ports until it is told to end."""
    return subprocess.Popen(
        [sys.executable, "-c", ASK.format(few.start, few.stop, count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def given(process: subprocess.Popen[str]) -> list[int]:
    assert process.stdout is not None
    return [int(port) for port in process.stdout.readline().split()]


def test_nobody_is_given_a_port_that_another_living_process_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    start = ports.free_port() // 64 * 64
    few = range(start, start + 64)
    monkeypatch.setattr(ports, "PORTS", few)
    mine = ports.free_ports(10)
    assert len(set(mine)) == 10
    with asking(few, 10) as one, asking(few, 10) as two:
        theirs = [given(one), given(two)]
        assert [len(each) for each in theirs] == [10, 10]
        assert len({*mine, *theirs[0], *theirs[1]}) == 30
        with pytest.raises(RuntimeError, match="no free ports"):
            ports.free_ports(35)
        one.communicate("")
        two.communicate("")
    assert not set(mine) & set(ports.free_ports(5))


def test_where_no_file_can_be_locked_what_listens_is_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise OSError("Read-only file system")

    monkeypatch.setattr(ports, "_locks", refused)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        monkeypatch.setattr(ports, "PORTS", range(port, port + 1))
        with pytest.raises(RuntimeError, match="no free ports"):
            ports.free_ports(1)
    assert ports.free_ports(1) == [port]

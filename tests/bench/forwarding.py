"""Which HTTP client should forward? One POST of about 400 bytes through a pure-ASGI gateway, by client.

    python -m tests.bench.forwarding [--seconds 3] [--rounds 5] [--only direct,aiohttp] [--json FILE]

One upstream (FastAPI, validates and echoes), one gateway process for each client, one worker each, uvicorn with
uvloop and httptools. The runs are short and interleaved and every figure is a ratio to the upstream asked
directly in the same round, so that what else the machine does falls on all alike. A client that is not installed
is left out; the row `gateway` is the gateway as it ships.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httptools
import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from tests.bench.clients import CANDIDATES, LIBRARIES, candidate_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.clients import App

CONNECTIONS = 32
PAYLOAD = json.dumps(
    {
        "channel": "ihanoi",
        "kind": "on_site",
        "title": "Đèn đường hỏng",
        "content": "Đèn chiếu sáng trước số nhà 12 không hoạt động ba đêm liền, " * 3,
        "location": {"lat": 21.0278, "lon": 105.8342},
    },
    ensure_ascii=False,
).encode()

# ---------------------------------------------------------------- the upstream


class Location(BaseModel):
    model_config = ConfigDict(extra="forbid")
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class Report(BaseModel):
    model_config = ConfigDict(extra="forbid")
    channel: str
    kind: str
    title: str
    content: str
    location: Location


upstream_app = FastAPI()


@upstream_app.post("/v1/feedback", status_code=201)
async def accept(report: Report) -> Report:
    return report


def gateway_app(upstream: str) -> FastAPI:
    from gateway.bootstrap import build_app
    from gateway.settings import GatewaySettings

    urls = dict.fromkeys(
        ("tasks_api_url", "feedback_api_url", "dossiers_api_url", "notify_url", "scoring_api_url"), upstream
    )
    return build_app(
        GatewaySettings.model_validate({"jwks_url": "file:///dev/null", "environment": "embedded", **urls})
    )


# ---------------------------------------------------------------- the load


class Caller(asyncio.Protocol):
    """One keep-alive connection that asks again as soon as it is answered."""

    transport: asyncio.Transport

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.answered = self.failed = 0
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.answered += 1
        self.failed += self.parser.get_status_code() != 201
        self.parser = httptools.HttpResponseParser(self)
        self.transport.write(self.request)


class Server(NamedTuple):
    port: int
    pid: int

    def processor_seconds(self) -> float:
        """User and system time of the process so far; unlike the rate it hardly moves with what else runs here."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Run(NamedTuple):
    rate: float
    processor_microseconds: float


async def load(server: Server, seconds: float) -> Run:
    """Answers per second of 32 connections, and the processor time of one; an answer other than 201 is an error."""
    request = (
        b"POST /v1/feedback HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        b"accept-language: vi\r\nauthorization: Bearer %s\r\ncontent-length: %d\r\n\r\n" % (b"x" * 300, len(PAYLOAD))
    ) + PAYLOAD
    loop = asyncio.get_running_loop()
    callers = [
        (await loop.create_connection(lambda: Caller(request), "127.0.0.1", server.port))[1] for _ in range(CONNECTIONS)
    ]
    await asyncio.sleep(0.3)
    before, began, burnt = sum(caller.answered for caller in callers), time.perf_counter(), server.processor_seconds()
    await asyncio.sleep(seconds)
    answered, took = sum(caller.answered for caller in callers) - before, time.perf_counter() - began
    burnt = server.processor_seconds() - burnt
    for caller in callers:
        caller.transport.abort()
    if failed := sum(caller.failed for caller in callers):
        raise RuntimeError(f"{failed} answers were not 201")
    return Run(answered / took, burnt / answered * 1e6)


# ---------------------------------------------------------------- the run


def serve(name: str, port: int, upstream: str) -> None:
    """The process of one row: the upstream itself, a candidate, or the gateway as it ships."""
    if name == "direct":
        app: App = upstream_app
    elif name == "gateway":
        app = gateway_app(upstream)
    else:
        app = candidate_app(CANDIDATES[name](), upstream)
    uvicorn.run(app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(names: list[str]) -> Iterator[dict[str, Server]]:
    """Every server on a port of its own, for as long as the block lasts."""
    ports = {name: free_port() for name in names}
    upstream = f"http://127.0.0.1:{ports['direct']}"
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.bench.forwarding",
                "--serve",
                name,
                "--port",
                str(port),
                "--upstream",
                upstream,
            ]
        )
        for name, port in ports.items()
    ]
    try:
        for port in ports.values():
            wait_until_open(port)
        yield {name: Server(port, process.pid) for (name, port), process in zip(ports.items(), processes, strict=True)}
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(10)


def wait_until_open(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


def measure(names: list[str], seconds: float, rounds: int) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {name: [] for name in names}
    with running(names) as servers:
        for _ in range(rounds):
            for name in names:
                runs[name].append(uvloop.run(load(servers[name], seconds)))
    return runs


def table(runs: dict[str, list[Run]]) -> list[dict[str, Any]]:
    """Medians over the rounds; the ratio is taken within each round."""
    rows = []
    for name, row in runs.items():
        ratios = [run.rate / direct.rate for run, direct in zip(row, runs["direct"], strict=True)]
        rows.append(
            {
                "client": name,
                "version": version(name) if name in LIBRARIES else "",
                "requests_per_second": round(statistics.median(run.rate for run in row)),
                "processor_microseconds": round(statistics.median(run.processor_microseconds for run in row)),
                "ratio": round(statistics.median(ratios), 2),
                "ratio_range": [round(min(ratios), 2), round(max(ratios), 2)],
            }
        )
    return rows


def installed(name: str) -> bool:
    return name not in LIBRARIES or importlib.util.find_spec(name) is not None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve")
    parser.add_argument("--port", type=int)
    parser.add_argument("--upstream", default="")
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve, asked.port, asked.upstream)
        return
    names = [name for name in ("direct", *CANDIDATES, "gateway") if installed(name)]
    if asked.only:
        names = [name for name in names if name == "direct" or name in asked.only.split(",")]
    rows = table(measure(names, asked.seconds, asked.rounds))
    sys.stdout.write(f"Python {platform.python_version()}, uvicorn {version('uvicorn')}, {os.cpu_count()} cores\n")
    for row in rows:
        low, high = row["ratio_range"]
        sys.stdout.write(
            f"{row['client']:10} {row['version']:8} {row['requests_per_second']:>7,}/s"
            f" {row['processor_microseconds']:>6} µs  {row['ratio']:.2f} ({low:.2f}-{high:.2f})\n"
        )
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()

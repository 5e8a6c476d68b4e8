"""How many reports with a photograph of some 200 kB are taken in a second, beside reports without, and what memory that
takes."""

import asyncio
import base64
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from itertools import count

import httpx
import psutil
from PIL import Image

from cchc_shared.contract.codes import Role
from tests.bench import lifecycles
from tests.bench.intake import body
from tests.bench.load import REFERENCE
from tests.bench.results import Figure, Result
from tests.bench.stage import Stage

CALLERS = 8
SECONDS, ROUNDS = 5.0, 4
SIDES = (1280, 960)


def measure(stage: Stage) -> Iterator[Result]:
    """One instance, the callers on the same cores; each sends a report, and then its photograph."""
    with stage.database() as database, ExitStack() as services:
        asyncio.run(lifecycles.publish(database, lifecycles.units()))
        feedback = {
            "DATABASE_URL": database.url("feedback"),
            "CCHC_CONTACT_KEY": base64.b64encode(os.urandom(32)).decode(),
            "ATTACHMENTS_URL": (stage.folder / "attachments").as_uri(),
        }
        services.enter_context(stage.service("feedback_api.worker", **feedback))
        port = services.enter_context(stage.service("feedback_api.api", **feedback))
        server = _listening(port)
        photograph = _photograph()
        before = server.memory_info().rss
        asyncio.run(_drive(stage, port, photograph, 1.0))  # its readers are started by the first
        with_it, without = zip(*(_alternately(stage, port, photograph) for _ in range(ROUNDS)), strict=True)
        readers = [process.memory_info().rss for process in server.children(recursive=True)]
        after = server.memory_info().rss
    yield Result(
        f"reports with a photograph, {CALLERS} callers",
        [
            Figure("reports", statistics.median(with_it), "/s"),
            Figure("photograph", len(photograph) / 1e3, " kB"),
            Figure("memory before", before / 1e6, " MB"),
            Figure("after", after / 1e6, " MB"),
            Figure("readers", sum(readers) / 1e6, " MB"),
        ],
    )
    yield Result(
        f"reports with a photograph / without, {CALLERS} callers",
        [
            Figure("with", statistics.median(with_it), "/s"),
            Figure("without", statistics.median(without), "/s"),
        ],
        statistics.median(one / other for one, other in zip(with_it, without, strict=True)),
    )


def _alternately(stage: Stage, port: int, photograph: bytes) -> tuple[float, float]:
    """Reports a second of the same callers, with a photograph and without."""
    return asyncio.run(_drive(stage, port, photograph, SECONDS)), asyncio.run(_drive(stage, port, b"", SECONDS))


def _photograph() -> bytes:
    """A picture with as much noise as makes some 200 kB of it."""
    noise = Image.effect_noise(SIDES, 18).convert("RGB")
    smooth = Image.linear_gradient("L").resize(SIDES).convert("RGB")
    file = BytesIO()
    Image.blend(noise, smooth, 0.5).save(file, "JPEG", quality=80)
    return file.getvalue()


async def _drive(stage: Stage, port: int, photograph: bytes, seconds: float) -> float:
    """Reports a second that have their photograph, if there is one."""
    began, numbers = time.perf_counter(), count()
    headers = stage.tokens("citizen-1", [Role.CITIZEN])
    report = body(next(iter(lifecycles.UNITS)))

    async def call(client: httpx.AsyncClient) -> int:
        done = 0
        while time.perf_counter() < began + seconds:
            reference = f"{os.getpid()}-{time.time_ns()}-{next(numbers)}"
            content = report.replace(REFERENCE, reference)
            sent = await client.post("/v1/feedback", content=content, headers={"Content-Type": "application/json"})
            path = f"/v1/feedback/{sent.raise_for_status().json()['code']}/attachments"
            if photograph:
                # What follows the picture makes each one a file of its own, and is not kept.
                file = {"file": ("photo.jpg", photograph + reference.encode(), "image/jpeg")}
                (await client.post(path, files=file)).raise_for_status()
            done += 1
        return done

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
        done = sum(await asyncio.gather(*(call(client) for _ in range(CALLERS))))
    return done / (time.perf_counter() - began)


def _listening(port: int) -> psutil.Process:
    """The process at a port of this machine."""
    for process in psutil.Process().children(recursive=True):
        for connection in process.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                return process
    raise LookupError(f"nobody listens at {port}")

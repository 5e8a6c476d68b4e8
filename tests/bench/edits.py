"""How long forty who saw the same version of a report wait for their answers: one acted, the others are told so."""

import asyncio
import base64
import http.client
import json
import os
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing

from cchc_shared.contract.codes import Role
from tests.bench import lifecycles
from tests.bench.intake import body
from tests.bench.load import REFERENCE
from tests.bench.results import Figure, Result
from tests.bench.running import ask
from tests.bench.stage import Stage

EDITORS = 40
ROUNDS = 40


def measure(stage: Stage) -> Iterator[Result]:
    """One instance; as many edits of as many reports, in turn, say what the waiting for one another costs."""
    with stage.database() as database, ExitStack() as services:
        asyncio.run(lifecycles.publish(database, lifecycles.units()))
        feedback = {
            "DATABASE_URL": database.url("feedback"),
            "CCHC_CONTACT_KEY": base64.b64encode(os.urandom(32)).decode(),
        }
        services.enter_context(stage.service("feedback_api.worker", **feedback))
        port = services.enter_context(stage.service("feedback_api.api", **feedback))
        desk = stage.tokens("desk", [Role.COORDINATOR])["Authorization"]
        codes = _send(stage, port)
        same, apart = asyncio.run(_rounds(port, desk, codes))
    yield Result(
        f"{EDITORS} edits of one version of a report at once / of {EDITORS} reports",
        [
            Figure("one report, p50", statistics.median(same), " ms"),
            Figure("slowest", max(same), " ms"),
            Figure("that many reports, p50", statistics.median(apart), " ms"),
        ],
        statistics.median(one / other for one, other in zip(same, apart, strict=True)),
    )


def _send(stage: Stage, port: int) -> list[str]:
    """Codes of as many reports as there are editors."""
    token = stage.tokens("channel", [Role.SYSTEM])["Authorization"]
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        reports = (body(lifecycles.UNITS[0]).replace(REFERENCE, f"edited-{number}") for number in range(EDITORS))
        return [str(ask(connection, "POST", "/v1/feedback", token, report)["code"]) for report in reports]


async def _rounds(port: int, token: str, codes: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of each round until the last is answered: on the first report, and on all."""
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(EDITORS)]
    versions = Counter(dict.fromkeys(codes, 1))
    same, apart = list[float](), list[float]()
    for _ in range(ROUNDS):
        for times, edited in ((same, [codes[0]] * EDITORS), (apart, codes)):
            requests = [_note(code, versions[code], token) for code in edited]
            began = time.perf_counter()
            answers = await asyncio.gather(*map(_ask, connections, requests))
            times.append((time.perf_counter() - began) * 1000)
            expected = Counter({200: len(set(edited)), 412: EDITORS - len(set(edited))})
            if Counter(answers) != +expected:
                raise RuntimeError(f"answered {Counter(answers)}")
            versions.update(set(edited))
    for _, writer in connections:
        writer.close()
    return same, apart


def _note(code: str, version: int, token: str) -> bytes:
    content = json.dumps({"note": "Đã gọi điện cho người gửi"}).encode()
    head = (
        f"POST /v1/feedback/{code}/actions/add_note HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f'authorization: {token}\r\nif-match: "{version}"\r\ncontent-length: {len(content)}\r\n\r\n'
    )
    return head.encode() + content


async def _ask(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes) -> int:
    """The status, when the answer is there whole."""
    reader, writer = connection
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    await reader.readexactly(int(length[1]) if length else 0)
    return int(head[9:12])

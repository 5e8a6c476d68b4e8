"""How long a plan of five thousand rows takes to come in, and whether a row of a long plan costs more."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count

import httpx

from cchc_embedded.paths import REPOSITORY
from cchc_shared.contract.codes import Role
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage
from tests.support.databases import Database

LONG, SHORT = 5_000, 500
ROUNDS = 3
LEADS = ("Sở Nội vụ", "Sở Y tế", "Sở Tài chính", "Sở Tư pháp", "Công an Thành phố", "Văn phòng UBND TP")
HELPERS = ("Sở KH&CN; Sở Y tế", "Các Sở, ban, ngành", "UBND các xã, phường", "", "Sở Tài chính, Tư pháp")
DUES = ("Quý I/2026", "30/6/2026", "Trong năm 2026", "Tháng 9/2026", "trước ngày 30/11/2026", "Thường xuyên", "sớm")
ALL = "Các Sở, ban, ngành"
"""The lead of one row in fifty, which fans out."""
HEADINGS = "TT\tTên nhiệm vụ\tCơ quan chủ trì\tCơ quan phối hợp\tThời gian hoàn thành\tSản phẩm\tNguồn nhiệm vụ"


def measure(stage: Stage) -> Iterator[Result]:
    """Long and short plans by turns, through the service that reads them; the directory is the city's."""
    with stage.database() as database:
        _seed(database)
        with stage.service("tasks_api.api", DATABASE_URL=database.url("tasks")) as port:
            headers = stage.tokens("office", [Role.COORDINATOR])
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
                numbers = count(1)
                _import(client, 50, next(numbers))
                took = [
                    (_import(client, LONG, next(numbers)), _import(client, SHORT, next(numbers))) for _ in range(ROUNDS)
                ]
    long = statistics.median(seconds for seconds, _ in took)
    short = statistics.median(seconds for _, seconds in took)
    figures = [Figure(f"{LONG:,} rows", long, " s"), Figure(f"{SHORT} rows", short, " s")]
    yield Result(f"a plan of {LONG:,} rows is imported", figures, long, Bound("<", 10, " s"))
    yield Result("a row of a long plan / of a short one", [], (long / LONG) / (short / SHORT), Bound("≤", 1.2))


def _seed(database: Database) -> None:
    environment = {**os.environ, "DATABASE_URL": database.url("tasks"), "JWKS_URL": "http://127.0.0.1:9/"}
    environment |= {"ENVIRONMENT": "embedded", "CCHC_PROFILE": str(REPOSITORY / "data" / "hanoi")}
    command = [sys.executable, "-m", "tasks_api.seed"]
    subprocess.run(command, env=environment, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)


def _import(client: httpx.Client, rows: int, number: int) -> float:
    """Seconds until the answer is there. Raises `RuntimeError` unless every row became a task."""
    said = {
        "document_no": f"{number}/KH-UBND",
        "issued_on": "2026-01-05",
        "title": "Kế hoạch",
        "issuer": "UBND Thành phố",
    }
    began = time.perf_counter()
    answer = client.post("/v1/plans/import", data=said, files={"file": ("plan.txt", _plan(rows, number))})
    seconds = time.perf_counter() - began
    if answer.status_code != httpx.codes.CREATED or len(answer.json()["tasks"]) != rows:
        raise RuntimeError(f"{answer.status_code}: {answer.text[:500]}")
    return seconds


def _plan(rows: int, number: int) -> str:
    lines = (
        f"{row}\tRà soát, sửa đổi thủ tục hành chính nhóm {row}\t{ALL if row % 50 == 0 else LEADS[row % len(LEADS)]}\t"
        f"{HELPERS[row % len(HELPERS)]}\t{DUES[row % len(DUES)]}\tBáo cáo số {row}\tKế hoạch số {number}/KH-UBND"
        for row in range(1, rows + 1)
    )
    return "\n".join((HEADINGS, *lines))

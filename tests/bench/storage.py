"""What a report that ends costs in the database, table by table: before and after its events are in the archive.

Reports come in waves; between two waves each earlier one takes its next step and everything is vacuumed, as between
two days. Keys of requests are shown apart: they are gone after a week.
"""

import asyncio
import base64
import os
import random
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_embedded.paths import REPOSITORY
from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Role
from cchc_shared.contract.events import TOPICS
from cchc_shared.directory.service import Directory
from cchc_shared.http import access_log
from cchc_shared.storage.database import create_engine
from cchc_shared.stream import months, positions, trimming
from cchc_shared.stream.inbox import Inbox
from cchc_shared.stream.postgres import PostgresSource
from feedback_api.bootstrap import build_app
from feedback_api.settings import FeedbackSettings
from feedback_api.statistics import cells
from feedback_api.statistics.timers import AT_ONCE
from scoring_worker.projection.service import Projection
from tests.bench import lifecycles
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage
from tests.support.at_once import InProcess
from tests.support.databases import Database

WAVES = 48
PER_WAVE = 50
"""Of so many ended reports, the free space that those under way have left is a small part: of 800 it was a fifth."""
UNIT = lifecycles.UNITS[0]
FIRST_DAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
KEYS = "feedback.idempotency"
FAULTS = (
    ("Đèn đường hỏng", "Đèn chiếu sáng trước số nhà {} không hoạt động ba đêm liền, người dân đi lại rất khó khăn."),
    ("Rác thải không được thu gom", "Xe thu gom rác không đến ngõ {} suốt tuần qua, rác để đầy vỉa hè và bốc mùi hôi."),
    (
        "Cây xanh gãy cành",
        "Sau trận mưa to, cành cây gãy chắn ngang lối vào nhà {}, xe máy phải dắt xuống lòng đường.",
    ),
    ("Ngập nước", "Hố ga gần số {} bị tắc, cứ mưa là nước tràn vào nhà, trẻ em đi học phải lội nước bẩn."),
    ("Lấn chiếm vỉa hè", "Hàng quán tại số {} bày bàn ghế kín vỉa hè từ chiều đến khuya, gây ồn ào và mất an toàn."),
    (
        "Thủ tục chậm trả kết quả",
        "Hồ sơ số {} nộp tại bộ phận một cửa quá hẹn mười ngày mà không có thư xin lỗi.",
    ),
)
EFFORTS = (
    "Tổ dân phố đã gọi điện cho đơn vị quản lý hai lần nhưng chưa thấy ai đến kiểm tra hay xử lý.",
    "Tôi đã phản ánh qua đường dây nóng từ đầu tháng, cán bộ hẹn trong ngày nhưng đến nay vẫn như cũ.",
    "Bà con trong ngõ đã tự khắc phục tạm thời song không có dụng cụ và rất nguy hiểm.",
)
REQUESTS = (
    "Đề nghị Uỷ ban nhân dân phường cho kiểm tra, giải quyết và trả lời cho người dân được biết.",
    "Kính mong cơ quan chức năng sớm cử người đến hiện trường, chấn chỉnh đơn vị chịu trách nhiệm.",
)
ANSWER = "Phường đã cùng đơn vị quản lý kiểm tra, khắc phục xong tại vị trí {}. Cảm ơn ông bà đã phản ánh."
WAY: Sequence[tuple[str, Role, dict[str, Any]]] = (
    ("assign", Role.COORDINATOR, {"unit": UNIT}),
    ("accept", Role.OFFICER, {}),
    ("draft_answer", Role.OFFICER, {"answer": ANSWER, "outcome": "resolved"}),
    ("approve_answer", Role.UNIT_HEAD, {}),
    ("publish", Role.COORDINATOR, {}),
)

_SIZES = """SELECT n.nspname || '.' || coalesce(parent.relname, c.relname) AS name,
                   sum(pg_table_size(c.oid))::bigint AS rows, sum(pg_indexes_size(c.oid))::bigint AS indexes
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
            WHERE c.relkind = 'r' AND n.nspname IN ('feedback', 'scoring') GROUP BY 1"""

Sizes = dict[str, Counter[str]]


def measure(stage: Stage) -> Iterator[Result]:
    """Reports as a city's app sends them, each on the way of one that is answered at once and published."""
    with stage.database() as database:
        folder = stage.folder / "archive"
        before, after = asyncio.run(_measure(stage, database, folder))
        packed = sum(file.stat().st_size for file in folder.rglob("*.gz"))
    for name in sorted(before, key=lambda each: -before[each].total()):
        if before[name].total() >= PER_WAVE * WAVES:
            rows, indexes = (before[name][part] / (WAVES * PER_WAVE) for part in ("rows", "indexes"))
            yield Result(f"bytes a report, {name}", [Figure("rows", rows, " B"), Figure("indexes", indexes, " B")])
    kept, trimmed = (_per_report(sizes) for sizes in (before, after))
    yield Result(
        "a report that ended, archived and trimmed",
        [
            Figure("before", kept, " kB"),
            Figure("in the archive", packed / (WAVES * PER_WAVE) / 1000, " kB"),
            Figure("keys for a week", before[KEYS].total() / (WAVES * PER_WAVE) / 1000, " kB"),
        ],
        trimmed,
        Bound("<", 8, " kB"),
    )


def _per_report(sizes: Sizes) -> float:
    return sum(each.total() for name, each in sizes.items() if name != KEYS) / (WAVES * PER_WAVE) / 1000


async def _measure(stage: Stage, database: Database, folder: Path) -> tuple[Sizes, Sizes]:
    await lifecycles.publish(database, lifecycles.units())
    empty = await _sizes(database)
    clock = FixedClock(FIRST_DAY)
    settings = FeedbackSettings(
        database_url=database.url("feedback"),
        jwks_url=stage.tokens.jwks_url,
        CCHC_PROFILE=REPOSITORY / "data" / "hanoi",
        CCHC_CONTACT_KEY=base64.b64encode(os.urandom(32)).decode(),
    )
    consumer, producer = create_engine(database.url("scoring")), create_engine(database.url("feedback"))
    app = build_app(settings, clock)
    access_log.write_with(lambda _: None)  # thousands of lines would hide the table
    async with app.router.lifespan_context(app):
        await _follow_units(producer, app.state.context.use(Directory))
        transport = InProcess(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://feedback", timeout=600) as client:
            codes: list[list[str]] = []
            for wave in range(WAVES + len(WAY)):
                if wave < WAVES:
                    codes.append(await _send(client, stage, wave))
                for sent, reports in enumerate(codes):
                    if 0 < (step := wave - sent) <= len(WAY):
                        await _act(client, stage, reports, step)
                await _consume(consumer, clock)
                async with producer.begin() as conn:  # as the worker does all the time
                    await cells.fold(conn, app.state.context.calendar.timezone, clock.now(), AT_ONCE)
                await _vacuum(database)
                clock.advance(timedelta(hours=20))
    before = await _sizes(database, empty)
    await _archive_and_trim(producer, folder)
    await _vacuum(database)
    after = await _sizes(database, empty)
    await consumer.dispose()
    await producer.dispose()
    return before, after


async def _follow_units(engine: AsyncEngine, directory: Directory) -> None:
    query = "INSERT INTO units (subject, version, code) SELECT $1, 1, $1"
    async with engine.begin() as conn:
        raw = await conn.get_raw_connection()
        await raw.driver_connection.execute(query, UNIT)  # type: ignore[union-attr]
    await directory.refresh()


async def _send(client: httpx.AsyncClient, stage: Stage, wave: int) -> list[str]:
    async def one(number: int) -> str:
        # Each report has its own words, place and sender, known by an id as issuers give it: one for all would shrink
        # the indexes.
        chance = random.Random(f"{wave}/{number}")  # noqa: S311 - to be the same in every run
        (title, fault), house = chance.choice(FAULTS), chance.randrange(1, 900)
        citizen = stage.tokens(str(uuid.uuid4()), [Role.CITIZEN])
        body = {
            "channel": "ihanoi",
            "channel_ref": f"ih-2026-{wave:04}-{number:05}",
            "kind": "on_site",
            "title": title,
            "content": f"{fault.format(house)} {chance.choice(EFFORTS)} {chance.choice(REQUESTS)}",
            "location": {
                "lat": 21.0278 + chance.uniform(-0.05, 0.05),
                "lon": 105.8342 + chance.uniform(-0.05, 0.05),
                "address": f"Số {house}, phố Huế",
            },
            "unit": UNIT,
            "reporter": {"name": "Nguyễn Văn A", "phone": "0912345678"},
        }
        answer = await client.post("/v1/feedback", json=body, headers=citizen | {"Idempotency-Key": f"{wave}-{number}"})
        answer.raise_for_status()
        return str(answer.json()["code"])

    return list(await asyncio.gather(*(one(number) for number in range(PER_WAVE))))


async def _act(client: httpx.AsyncClient, stage: Stage, codes: Sequence[str], step: int) -> None:
    """The step of every report of a wave: the version it has is the number of its step."""
    action, role, words = WAY[step - 1]
    caller = stage.tokens(f"{role}-1", [role], UNIT)
    at_once = asyncio.Semaphore(8)

    async def one(code: str) -> None:
        said = words if "answer" not in words else words | {"answer": words["answer"].format(code)}
        headers = caller | {"If-Match": f'"{step}"', "Idempotency-Key": f"{action}-{code}"}
        async with at_once:
            answer = await client.post(f"/v1/feedback/{code}/actions/{action}", json=said, headers=headers)
        answer.raise_for_status()

    await asyncio.gather(*map(one, codes))


async def _consume(engine: AsyncEngine, clock: FixedClock) -> None:
    inbox = Inbox(Projection(ZoneInfo("Asia/Ho_Chi_Minh"), clock))
    source = PostgresSource(engine, TOPICS, "measuring")
    await source.start()
    while batch := await source.next(2000, wait=0.5):
        async with engine.begin() as conn:
            await positions.advance(conn, batch.advances)
            await inbox.process(conn, batch.records)
    await source.stop()


async def _archive_and_trim(engine: AsyncEngine, folder: Path) -> None:
    ended = FIRST_DAY + timedelta(days=60)
    for month in (date(2026, 3, 1), date(2026, 5, 1)):
        async with engine.begin() as conn:
            await months.turn(conn, month, ended)
    while True:
        await trimming.archive_some(engine, folder, "feedback", ended)
        kept = timedelta(days=30)
        if await trimming.trim(engine, folder, "feedback", ended + kept, kept=kept, relayed=False):
            return


async def _vacuum(database: Database) -> None:
    connection = await asyncpg.connect(database.admin_url)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _sizes(database: Database, empty: Sizes | None = None) -> Sizes:
    """Bytes of each table, less what it took when it was empty."""
    connection = await asyncpg.connect(database.admin_url)
    rows = await connection.fetch(_SIZES)
    await connection.close()
    found = {row["name"]: Counter(rows=row["rows"], indexes=row["indexes"]) for row in rows}
    for name, size in found.items():
        size.subtract((empty or {}).get(name, Counter()))
    return found

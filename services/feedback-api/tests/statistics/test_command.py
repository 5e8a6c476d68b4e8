"""The operator's comparison of counts with reports."""

import asyncio
import random
import sys

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.service import logs
from cchc_shared.storage.database import create_engine
from feedback_api.statistics import __main__ as command
from feedback_api.statistics.models import change
from tests.support.databases import Database

from ..conftest import PROFILE
from .test_cells import some_reports


async def lose_some(engine: AsyncEngine) -> None:
    await some_reports(engine, random.Random(3), 40)  # noqa: S311 - any
    async with engine.begin() as conn:
        await conn.execute(delete(change).where(change.c.unit == "u1"))
    await engine.dispose()


def test_it_says_what_differs_and_puts_it_right(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(lose_some(create_engine(database.url("feedback"))))
    monkeypatch.setattr(logs, "configure", lambda *_: None)  # it would stay for all tests after it
    monkeypatch.setenv("DATABASE_URL", database.url("feedback"))
    monkeypatch.setenv("JWKS_URL", "https://identity.example/keys")
    monkeypatch.setenv("CCHC_PROFILE", str(PROFILE))
    said = []
    for arguments, code in (([], 1), (["--mend"], 0), ([], 0)):
        monkeypatch.setattr(sys, "argv", ["counts", *arguments])
        assert command.main() == code
        said.append(capsys.readouterr().out.splitlines())
    differing, mended, right = said
    assert [line.replace("put right", "differ") for line in mended] == differing
    assert len(differing) > 1
    assert right == [f"{differing[-1].split(',')[0]}, 0 counts differ"]

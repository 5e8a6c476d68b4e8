"""Applies the migrations of every service, each with the service's own role."""

import asyncio

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from cchc_embedded.paths import REPOSITORY

HISTORIES = {
    "tasks": REPOSITORY / "services/tasks-api/migrations",
    "feedback": REPOSITORY / "services/feedback-api/migrations",
    "scoring": REPOSITORY / "services/scoring-worker/migrations",
    "relay": REPOSITORY / "services/relay/migrations",
}
"""Schema → the folder with its Alembic history."""


def alembic_config(schema: str, url: str) -> Config:
    """What Alembic needs to know; `env.py` finds the address under `sqlalchemy.url`."""
    config = Config()
    config.set_main_option("script_location", str(HISTORIES[schema]))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


async def is_current(schema: str, url: str) -> bool:
    """Whether the newest migration is applied: one query, so that a second start need not run Alembic."""
    heads = set(ScriptDirectory.from_config(alembic_config(schema, url)).get_heads())
    connection = await asyncpg.connect(url)
    try:
        applied = {row["version_num"] for row in await connection.fetch("SELECT version_num FROM alembic_version")}
    except asyncpg.UndefinedTableError:
        applied = set()
    finally:
        await connection.close()
    return heads == applied


def migrate(schema: str, url: str) -> None:
    """Applies what is missing. `url` carries the role that owns the schema."""
    if HISTORIES[schema].is_dir() and not asyncio.run(is_current(schema, url)):
        command.upgrade(alembic_config(schema, url), "head")

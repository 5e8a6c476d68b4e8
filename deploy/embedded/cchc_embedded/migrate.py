"""Applies the migrations of every service, each with the service's own role.

Alembic takes half a second of importing: it is called where a migration is missing, and only there.
"""

import asyncio
from typing import TYPE_CHECKING

import asyncpg

from cchc_embedded.paths import REPOSITORY

if TYPE_CHECKING:
    from alembic.config import Config

HISTORIES = {
    "tasks": REPOSITORY / "services/tasks-api/migrations",
    "feedback": REPOSITORY / "services/feedback-api/migrations",
    "dossiers": REPOSITORY / "services/dossiers-api/migrations",
    "notify": REPOSITORY / "services/notify/migrations",
    "scoring": REPOSITORY / "services/scoring-worker/migrations",
    "relay": REPOSITORY / "services/relay/migrations",
}
"""Schema → the folder with its Alembic history."""


def revisions(schema: str) -> list[str]:
    """What its history consists of, the oldest first: each file begins with its number, and names it inside."""
    return sorted(file.stem.partition("_")[0] for file in (HISTORIES[schema] / "versions").glob("[0-9]*.py"))


def alembic_config(schema: str, url: str) -> "Config":
    """What Alembic needs to know; `env.py` finds the address under `sqlalchemy.url`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HISTORIES[schema]))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


async def is_current(schema: str, url: str) -> bool:
    """Whether the newest migration is applied: one query, so that a second start need not run Alembic."""
    connection = await asyncpg.connect(url)
    try:
        applied = {row["version_num"] for row in await connection.fetch("SELECT version_num FROM alembic_version")}
    except asyncpg.UndefinedTableError:
        applied = set()
    finally:
        await connection.close()
    return applied == set(revisions(schema)[-1:])


def migrate(schema: str, url: str) -> None:
    """Applies what is missing. `url` carries the role that owns the schema."""
    if HISTORIES[schema].is_dir() and not asyncio.run(is_current(schema, url)):
        from alembic import command

        command.upgrade(alembic_config(schema, url), "head")

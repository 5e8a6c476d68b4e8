"""A database of its own for every test: cloned from a template that was provisioned and migrated once."""

import asyncio
import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from cchc_embedded.migrate import HISTORIES, migrate
from cchc_embedded.provision import OWNERS, provision, url_for
from tests.support.files import exclusive
from tests.support.servers import SESSION


@dataclass(frozen=True)
class Database:
    """One PostgreSQL database with every schema in place and nothing in the tables."""

    admin_url: str

    def url(self, schema: str) -> str:
        """Address for the role that owns `schema`: tasks, feedback, scoring or relay."""
        role = OWNERS[schema]
        return url_for(self.admin_url, role, passwords(self.admin_url)[role])


def passwords(admin_url: str) -> dict[str, str]:
    """By role. Roles belong to the server, so every session on one server must agree on their passwords."""
    server = urlsplit(admin_url).netloc
    return {role: hashlib.sha256(f"{server}/{role}".encode()).hexdigest()[:32] for role in OWNERS.values()}


def _named(admin_url: str, database: str) -> str:
    return urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}"))


async def _execute(admin_url: str, statement: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _exists(admin_url: str, database: str) -> bool:
    connection = await asyncpg.connect(admin_url)
    try:
        return bool(await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database))
    finally:
        await connection.close()


def _build_template(admin_url: str, name: str) -> None:
    draft = f"{name}_draft"
    asyncio.run(_execute(admin_url, f"CREATE DATABASE {draft}"))
    database = Database(_named(admin_url, draft))
    asyncio.run(provision(database.admin_url, passwords(admin_url)))
    for schema in HISTORIES:
        migrate(schema, database.url(schema))
    asyncio.run(_execute(admin_url, f"ALTER DATABASE {draft} RENAME TO {name}"))


@pytest.fixture(scope="session")
def database_template(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of the session's template; the first worker that asks builds it, the others wait for it."""
    name = f"cchc_template_{os.environ[SESSION]}"
    with exclusive(tmp_path_factory.getbasetemp().parent / "template.lock"):
        if not asyncio.run(_exists(postgres_url, name)):
            _build_template(postgres_url, name)
    return name


@pytest.fixture
def database(postgres_url: str, database_template: str) -> Iterator[Database]:
    """A fresh, migrated, empty database."""
    name = f"cchc_test_{uuid.uuid4().hex}"
    # Copied file by file: written block by block through the log, the copy would take the server twice as long.
    asyncio.run(_execute(postgres_url, f"CREATE DATABASE {name} TEMPLATE {database_template} STRATEGY FILE_COPY"))
    yield Database(_named(postgres_url, name))
    asyncio.run(_execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))

"""A database of its own for every test: cloned from a template that was provisioned and migrated once."""

import asyncio
import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
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


async def run(url: str, *statements: str) -> None:
    """Run statements, each by itself, on a connection of their own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def execute(url: str, *statements: str) -> None:
    """The same, where no loop runs."""
    asyncio.run(run(url, *statements))


async def _exists(admin_url: str, database: str) -> bool:
    connection = await asyncpg.connect(admin_url)
    try:
        return bool(await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database))
    finally:
        await connection.close()


class Templates:
    """The databases of the session that others are copied from, on one server."""

    def __init__(self, admin_url: str, folder: Path) -> None:
        self._admin_url, self._folder = admin_url, folder

    def made(self, what: str, fill: Callable[[Database], None], of: str = "template1") -> str:
        """Name of a copy of `of` that was filled; the first worker that asks makes it, the others wait for it."""
        name = f"cchc_{what}_{os.environ[SESSION]}"
        with exclusive(self._folder / f"{what}.lock"):
            if not asyncio.run(_exists(self._admin_url, name)):
                draft = f"{name}_draft"
                execute(self._admin_url, f"CREATE DATABASE {draft} TEMPLATE {of}")
                fill(Database(_named(self._admin_url, draft)))
                execute(self._admin_url, f"ALTER DATABASE {draft} RENAME TO {name}")
        return name

    @contextmanager
    def copied(self, template: str) -> Iterator[Database]:
        """A database for one test."""
        name = f"cchc_test_{uuid.uuid4().hex}"
        # File by file: written block by block through the log, the copy would take the server twice as long.
        statement = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
        execute(self._admin_url, statement)
        yield Database(_named(self._admin_url, name))
        execute(self._admin_url, f"DROP DATABASE {name} WITH (FORCE)")


def _prepare(database: Database) -> None:
    asyncio.run(provision(database.admin_url, passwords(database.admin_url)))
    for schema in HISTORIES:
        migrate(schema, database.url(schema))


@pytest.fixture(scope="session")
def templates(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """What databases are copied from, on the session's server."""
    return Templates(postgres_url, tmp_path_factory.getbasetemp().parent)


@pytest.fixture(scope="session")
def database_template(templates: Templates) -> str:
    """The template with every schema in place."""
    return templates.made("template", _prepare)


@pytest.fixture
def database(templates: Templates, database_template: str) -> Iterator[Database]:
    """A fresh, migrated, empty database."""
    with templates.copied(database_template) as database:
        yield database

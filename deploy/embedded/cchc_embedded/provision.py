"""Roles, schemas and rights in PostgreSQL: what exists before any service's migration runs.

It may run any number of times, on the embedded server or on one that `DATABASE_URL` names.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

OWNERS = {
    "tasks": "tasks_api",
    "feedback": "feedback_api",
    "dossiers": "dossiers_api",
    "notify": "notify",
    "scoring": "scoring_worker",
    "relay": "relay",
}
"""Schema → the role that owns it and has it as its search path."""

SCHEMAS = OWNERS | {"scoring_rebuild": "scoring_worker", "feedback_rebuild": "feedback_api"}
"""Every schema; what follows from events is rebuilt beside the live tables, in a schema of its own."""

PRODUCERS = ("tasks", "feedback", "dossiers")
READERS = ("feedback_api", "dossiers_api", "notify", "scoring_worker", "relay")
STREAM_READER = "stream_reader"
"""The group role that may read the views `<schema>.outbox_feed`, what is known of their months, and nothing else."""
STREAM_PRODUCER = "stream_producer"
"""The group role that may read the views `<schema>.stream_passed`: a producer keeps what readers have not passed."""


def url_for(admin_url: str, role: str, password: str) -> str:
    """The admin's address with another role in it."""
    address = urlsplit(admin_url)
    where = address.netloc.rpartition("@")[2]
    return urlunsplit(address._replace(netloc=f"{role}:{quote(password, safe='')}@{where}"))


async def create_database(server_url: str, name: str) -> None:
    """Creates the database on a server of ours, if it is not there."""
    connection = await asyncpg.connect(server_url)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()


async def provision(admin_url: str, passwords: Mapping[str, str]) -> None:
    """Creates what is missing and sets the rights, in one transaction. `passwords` by role."""
    connection = await asyncpg.connect(admin_url)
    try:
        async with connection.transaction():
            # Roles belong to the whole server: two databases provisioned at once must take turns.
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('cchc.provision'))")
            for statement in await _statements(connection, passwords):
                await connection.execute(statement)
    finally:
        await connection.close()


async def _statements(connection: asyncpg.Connection, passwords: Mapping[str, str]) -> list[str]:
    existing = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
    database = await connection.fetchval("SELECT quote_ident(current_database())")
    is_superuser = await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    statements = []
    statements += [f"CREATE ROLE {role} NOLOGIN" for role in (STREAM_READER, STREAM_PRODUCER) if role not in existing]
    for schema, role in OWNERS.items():
        secret = await connection.fetchval("SELECT quote_literal($1::text)", passwords[role])
        verb = "ALTER" if role in existing else "CREATE"
        statements += [f"{verb} ROLE {role} LOGIN PASSWORD {secret}", f"ALTER ROLE {role} SET search_path = {schema}"]
        if not is_superuser:  # an admin without superuser rights must belong to a role to give it a schema
            statements.append(f"GRANT {role} TO CURRENT_USER")
    statements += [f"REVOKE ALL ON DATABASE {database} FROM PUBLIC", "REVOKE ALL ON SCHEMA public FROM PUBLIC"]
    for role in OWNERS.values():
        statements += [
            f"GRANT CONNECT ON DATABASE {database} TO {role}",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {role} REVOKE ALL ON FUNCTIONS FROM PUBLIC",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {role} REVOKE ALL ON TYPES FROM PUBLIC",
        ]
    statements += [f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {role}" for schema, role in SCHEMAS.items()]
    statements += [f"GRANT USAGE ON SCHEMA {schema} TO {STREAM_READER}" for schema in PRODUCERS]
    statements += [f"GRANT {STREAM_READER} TO {role}" for role in READERS]
    for schema, role in OWNERS.items():
        if role in READERS:
            statements.append(f"GRANT USAGE ON SCHEMA {schema} TO {STREAM_PRODUCER}")
        if schema in PRODUCERS:
            statements.append(f"GRANT {STREAM_PRODUCER} TO {role}")
    return statements

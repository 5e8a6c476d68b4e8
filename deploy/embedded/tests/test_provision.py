"""Each service owns its schema and has no right on another's."""

import asyncpg
import pytest

from cchc_embedded.provision import OWNERS, PRODUCERS, READERS, STREAM_READER, provision
from tests.support.databases import Database, passwords, run


async def test_provisioning_twice_changes_nothing(database: Database) -> None:
    await provision(database.admin_url, passwords(database.admin_url))
    await run(database.url("tasks"), "CREATE TABLE proof (id integer)", "INSERT INTO tasks.proof VALUES (1)")
    await provision(database.admin_url, passwords(database.admin_url))
    await run(database.url("tasks"), "INSERT INTO proof VALUES (2)")


@pytest.mark.parametrize("stranger", [schema for schema in OWNERS if schema != "tasks"])
async def test_no_role_reads_writes_or_builds_in_anothers_schema(database: Database, stranger: str) -> None:
    await run(database.url("tasks"), "CREATE TABLE secret (id integer)")
    for statement in (
        "SELECT * FROM tasks.secret",
        "INSERT INTO tasks.secret VALUES (1)",
        "CREATE TABLE tasks.intruder (id integer)",
        "DROP TABLE tasks.secret",
        "CREATE TABLE public.intruder (id integer)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await run(database.url(stranger), statement)


@pytest.mark.parametrize("producer", PRODUCERS)
async def test_consumers_read_the_view_and_nothing_behind_it(database: Database, producer: str) -> None:
    await run(
        database.url(producer),
        "CREATE TABLE behind (id integer)",
        "CREATE VIEW shown AS SELECT id FROM behind",
        f"GRANT SELECT ON shown TO {STREAM_READER}",
    )
    for schema, role in OWNERS.items():
        if role in READERS and schema != producer:
            await run(database.url(schema), f"SELECT * FROM {producer}.shown")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await run(database.url(schema), f"SELECT * FROM {producer}.behind")


@pytest.mark.parametrize("reader", ["feedback", "scoring", "relay"])
async def test_producers_see_how_far_a_reader_is_and_nothing_else(database: Database, reader: str) -> None:
    for schema in PRODUCERS:
        await run(database.url(schema), f"SELECT * FROM {reader}.stream_passed")
        if schema != reader:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await run(database.url(schema), f"SELECT * FROM {reader}.stream_position")
    for schema in {"scoring", "relay"} - {reader}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await run(database.url(schema), f"SELECT * FROM {reader}.stream_passed")

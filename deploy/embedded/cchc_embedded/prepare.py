"""Prepares what services need before they start: roles, schemas and tables in PostgreSQL, topics in Kafka.

    DATABASE_URL=… CCHC_PASSWORD_TASKS_API=… … python -m cchc_embedded.prepare

`DATABASE_URL` carries a role that may create roles. Run it again at every release: what is there stays as it is.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from cchc_embedded.credentials import make_signing_key
from cchc_embedded.migrate import HISTORIES, migrate
from cchc_embedded.provision import OWNERS, provision, url_for


def prepare_database(admin_url: str, passwords: Mapping[str, str]) -> None:
    """Roles, schemas and tables; quick when nothing is missing. `passwords` by role."""
    asyncio.run(provision(admin_url, passwords))
    for schema in HISTORIES:
        role = OWNERS[schema]
        migrate(schema, url_for(admin_url, role, passwords[role]))


def prepare_topics(kafka: str) -> None:
    """Topics with stated partitions and retention."""
    from cchc_embedded.topics import ensure  # brings the Kafka client, which the PostgreSQL transport never loads

    asyncio.run(ensure(kafka))


def main() -> None:
    """Prepares what the environment names; `CCHC_SIGNING_KEY` too, where development tokens are wanted."""
    names = {role: f"CCHC_PASSWORD_{role.upper()}" for role in OWNERS.values()}
    if missing := sorted({"DATABASE_URL", *names.values()} - {name for name, value in os.environ.items() if value}):
        sys.stderr.writelines(f"{name}: còn thiếu · is missing\n" for name in missing)
        sys.exit(os.EX_CONFIG)
    prepare_database(os.environ["DATABASE_URL"], {role: os.environ[name] for role, name in names.items()})
    if kafka := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        prepare_topics(kafka)
    if signing_key := os.environ.get("CCHC_SIGNING_KEY"):
        make_signing_key(Path(signing_key))


if __name__ == "__main__":
    main()

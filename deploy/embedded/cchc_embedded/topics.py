"""Creates the topics of the system on a Kafka, with stated partitions and retention:

    KAFKA_BOOTSTRAP_SERVERS=… KAFKA_REPLICATION=3 python -m cchc_embedded.topics [--anew yes]

A topic that exists is checked, never changed: adding partitions to it would send a key to another partition than
its earlier events. docs/adr/0002-outbox-and-log-of-record.md says how their number is changed.
With `--anew yes` (`make topics ANEW=yes`) the topics are deleted first, with all they hold: after a restore, when they
hold events that the database has lost. The relay fills them again.
"""

import argparse
import asyncio
import os
import sys

from cchc_embedded.kafka_faults import KAFKA_FAULTS, explain_kafka
from cchc_shared.contract.events import TOPICS
from cchc_shared.stream.kafka import ensure_topics, remove_topics


async def ensure(bootstrap_servers: str) -> None:
    """Creates what is missing; events are kept for ever, as rebuilding reads them all."""
    await ensure_topics(bootstrap_servers, TOPICS, replication=int(os.environ.get("KAFKA_REPLICATION", "1")))


def main() -> None:
    """Ensures the topics of `KAFKA_BOOTSTRAP_SERVERS`; `--anew yes` deletes them before."""
    parser = argparse.ArgumentParser(prog="make topics")
    parser.add_argument("--anew", metavar="ANEW=yes", help="delete them first, with all they hold")
    wanted = parser.parse_args().anew
    if wanted not in {None, "yes"}:
        sys.exit(f"ANEW={wanted}: chỉ nhận yes · only yes deletes the topics; nothing was done")
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if not servers:
        sys.exit("KAFKA_BOOTSTRAP_SERVERS: còn thiếu · is missing")
    try:
        if wanted:
            for name in asyncio.run(remove_topics(servers, TOPICS)):
                print(f"Đã xoá · deleted: {name}")
        asyncio.run(ensure(servers))
    except KAFKA_FAULTS as error:
        sys.exit(explain_kafka(error, servers))


if __name__ == "__main__":
    main()

"""What a restored database must be told: it speaks of the transactions of another server, or of another Kafka.

The outbox orders events by the ids of their transactions (decision 0002), and consumers' positions are such ids. On a
server that has not reached them the events stay invisible, and new ones would come before positions and be passed over.
"""

from cchc_embedded.provision import SCHEMAS

_OURS = "ARRAY[" + ", ".join(f"'{schema}'" for schema in SCHEMAS) + "]"


def _in_each(table: str, statement: str) -> str:
    """A block that runs `statement` in each schema of ours that has the table."""
    return f"""
DO $each$
DECLARE place text;
BEGIN
    FOR place IN SELECT schemaname FROM pg_catalog.pg_tables
                 WHERE tablename = '{table}' AND schemaname = ANY ({_OURS}) LOOP
        EXECUTE pg_catalog.format($one${statement}$one$, place);
    END LOOP;
END $each$;
"""


EMPTY = "SET client_min_messages = warning;\n" + "".join(
    f"DROP SCHEMA IF EXISTS {schema} CASCADE;\n" for schema in SCHEMAS
)
"""Before a dump is loaded: it makes its schemas itself."""

OF_ANOTHER_SERVER = (
    _in_each("outbox", "UPDATE %I.outbox SET xid = '3'")
    + _in_each("stream_position", "DELETE FROM %I.stream_position")
    + _in_each("parked_event", "UPDATE %I.parked_event SET major = 3 WHERE topic NOT LIKE 'cchc.%%'")
)
"""After a dump was loaded. 3 is the first transaction of any server; the order of one aggregate's events stays, as its
rows were written in the order of its versions. Consumers read from the beginning and drop what has taken effect."""

KAFKA = _in_each("stream_position", "DELETE FROM %I.stream_position WHERE topic LIKE 'cchc.%%'") + (
    "DELETE FROM relay.stream_position;"
)
"""After any restore: a Kafka that went on knows later events than the database, and one that was lost knows none. The
relay publishes all of it again."""

"""What a restored database must be told: it speaks of the transactions of another server, or of another Kafka.

The outbox orders events by the ids of their transactions (decision 0002), and consumers' positions are such ids. On a
server that has not reached them the events stay invisible, and new ones would come before positions and be passed over.
"""

from cchc_embedded.provision import PRODUCERS, SCHEMAS
from cchc_shared.stream.record import START

_OURS = "ARRAY[" + ", ".join(f"'{schema}'" for schema in SCHEMAS) + "]"
_FIRST = 3
"""The first transaction of any server: every event that it has is older than the next one."""
_NOTHING, _LAST = START[0], (1 << 63) - 1


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


def _position_of(topic: str) -> str:
    """The last event before the first that has not taken effect, in the order that events are about to get."""
    behind = "(u.xid, u.seq) > (greatest(p.major, 0)::text::xid8, p.minor)"
    first_behind = f"SELECT min(u.seq) FROM {topic}.outbox u WHERE u.partition = p.partition AND {behind}"
    return f"""
        UPDATE %I.stream_position p SET (major, minor) = (
            SELECT CASE WHEN max(o.seq) IS NULL THEN {_NOTHING} ELSE {_FIRST} END, coalesce(max(o.seq), {_NOTHING})
            FROM {topic}.outbox o
            WHERE o.partition = p.partition AND o.seq < coalesce(({first_behind}), {_LAST})
        )
        WHERE p.topic = '{topic}'"""


def _adopted(topic: str) -> str:
    """Months are bounded by ids too: what is left of the outbox becomes one month. Older dumps know no months."""
    return f"""
DO $adopt$
BEGIN
    IF to_regprocedure('{topic}.outbox_of_another_server()') IS NULL THEN
        UPDATE {topic}.outbox SET xid = '{_FIRST}';
    ELSE
        PERFORM {topic}.outbox_of_another_server();
    END IF;
END $adopt$;
"""


EMPTY = "SET client_min_messages = warning;\n" + "".join(
    f"DROP SCHEMA IF EXISTS {schema} CASCADE;\n" for schema in SCHEMAS
)
"""Before a dump is loaded: it makes its schemas itself."""

OF_ANOTHER_SERVER = (
    "".join(_in_each("stream_position", _position_of(topic)) for topic in PRODUCERS)
    + "".join(map(_adopted, PRODUCERS))
    + _in_each("parked_event", f"UPDATE %I.parked_event SET major = {_FIRST} WHERE topic NOT LIKE 'cchc.%%'")
)
"""After a dump was loaded. Events are ordered by their number alone from then on: those of one aggregate keep their
order, and what took effect out of that order is read again and dropped as a duplicate."""

KAFKA = _in_each("stream_position", "DELETE FROM %I.stream_position WHERE topic LIKE 'cchc.%%'") + (
    "DELETE FROM relay.stream_position;"
)
"""After any restore: a Kafka that went on knows later events than the database, and one that was lost knows none. The
relay publishes all of it again."""

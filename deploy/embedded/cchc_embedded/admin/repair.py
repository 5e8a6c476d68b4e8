"""Repairs a restored database, whose rows name transactions of another server or positions of another Kafka.

The outbox orders events by the ids of their transactions (decision 0002), and consumers' positions are such ids. On a
server that has not reached them the events stay invisible, and new ones would come before positions and be passed over.
"""

from cchc_embedded.provision import PRODUCERS, SCHEMAS
from cchc_shared.stream.record import START

_OURS = "ARRAY[" + ", ".join(f"'{schema}'" for schema in SCHEMAS) + "]"
_FIRST = 3
"""The first transaction of any server: every event that it has is older than the next one."""
_LAST = (1 << 63) - 1


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
    """The last event before the first that has not taken effect, in the order that events are about to get.

    Positions in the archive stand as they are, and so does the start.
    """
    behind = "(u.xid, u.seq) > (p.major::text::xid8, p.minor)"
    first_behind = f"SELECT min(u.seq) FROM {topic}.outbox u WHERE u.partition = p.partition AND {behind}"
    start = f"{START[0]}, {START[1]}"
    return f"""
        UPDATE %I.stream_position p SET (major, minor) = (
            SELECT n.major, n.minor FROM (
                SELECT {_FIRST} AS major, max(o.seq) AS minor FROM {topic}.outbox o
                WHERE o.partition = p.partition AND o.seq < coalesce(({first_behind}), {_LAST})
                UNION ALL
                SELECT 0, t.events FROM trimmed t
                WHERE t.partition = p.partition AND (p.major, p.minor) >= (t.major, t.minor)
                UNION ALL
                SELECT {start}
            ) n WHERE n.minor IS NOT NULL ORDER BY n.major DESC LIMIT 1
        )
        WHERE p.topic = '{topic}' AND p.major > 0"""


def _adopt(topic: str) -> str:
    """Positions first, then the order that they stand in. A dump of 0.1.0 knows neither months nor an archive."""
    return f"""
CREATE TEMPORARY TABLE trimmed (partition smallint, events bigint, major bigint, minor bigint) ON COMMIT DROP;
DO $trimmed$ BEGIN
    IF pg_catalog.to_regclass('{topic}.outbox_trimmed') IS NOT NULL THEN
        INSERT INTO trimmed SELECT partition, events, major, minor FROM {topic}.outbox_trimmed;
    END IF;
END $trimmed$;
{_in_each("stream_position", _position_of(topic))}
DO $adopt$ BEGIN
    IF pg_catalog.to_regprocedure('{topic}.outbox_of_another_server()') IS NOT NULL THEN
        PERFORM {topic}.outbox_of_another_server();
    ELSE
        UPDATE {topic}.outbox SET xid = '{_FIRST}';
    END IF;
END $adopt$;
DROP TABLE trimmed;
"""


EMPTY = "SET client_min_messages = warning;\n" + "".join(
    f"DROP SCHEMA IF EXISTS {schema} CASCADE;\n" for schema in SCHEMAS
)
"""Before a dump is loaded: it makes its schemas itself."""

OF_ANOTHER_SERVER = "".join(map(_adopt, PRODUCERS)) + _in_each(
    "parked_event", f"UPDATE %I.parked_event SET major = {_FIRST} WHERE major > 0 AND topic NOT LIKE 'cchc.%%'"
)
"""After a dump was loaded. Events are ordered by their number alone from then on: those of one aggregate keep their
order, and what took effect out of that order is read again and dropped as a duplicate."""

KAFKA = _in_each("stream_position", "DELETE FROM %I.stream_position WHERE topic LIKE 'cchc.%%'") + (
    "DELETE FROM relay.stream_position;"
)
"""After any restore: a Kafka that went on knows later events than the database, and one that was lost knows none. The
relay publishes all of it again."""

FOLLOWED_LISTS = "".join(
    _in_each(table, f"UPDATE %I.{table} SET changed_in = '{_FIRST}' WHERE changed_in >= pg_current_xact_id()")
    for table in ("feedback", "feedback_former_unit", "feedback_out_of_sight")
) + _in_each("list_generation", "UPDATE %I.list_generation SET id = gen_random_uuid()")
"""After any restore: who follows a list begins anew, and what changed in a transaction that this server has not reached
is seen at once."""

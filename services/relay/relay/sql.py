"""Statements of the relay that are raw for their locks and their arrays.

`stream_version` holds, for each aggregate, whether the relay passes it over: its events wait behind one that no broker
takes.
"""

from typing import Final

from sqlalchemy import text

# Another relay may be sending what one of these waits for: it is waited for, or an event would park behind nothing.
BLOCKED: Final = text(
    """SELECT aggregate FROM stream_version WHERE aggregate = ANY(:aggregates) AND blocked IS NOT NULL
       ORDER BY aggregate FOR SHARE"""
)
# One statement for any number of aggregates, which are locked in their order: two relays never wait for each other.
BLOCK: Final = text(
    """INSERT INTO stream_version (aggregate, version, blocked)
       SELECT aggregate, version, 'poison'
       FROM unnest(CAST(:aggregates AS text[]), CAST(:versions AS integer[])) AS n(aggregate, version)
       ORDER BY aggregate ON CONFLICT (aggregate) DO UPDATE SET version = EXCLUDED.version, blocked = 'poison'"""
)
# Locked until they are sent, so that no other relay sends the same.
ASKED: Final = text(
    "SELECT aggregate FROM stream_version WHERE retry > 0 ORDER BY aggregate LIMIT 100 FOR NO KEY UPDATE"
)
# One array each, so that the driver prepares one statement whatever their number.
DONE: Final = text("UPDATE stream_version SET retry = 0, blocked = NULL WHERE aggregate = ANY(:aggregates)")
RELEASE: Final = text("UPDATE parked_event SET resolution = 'released' WHERE id = ANY(:ids)")

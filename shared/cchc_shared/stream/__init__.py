"""How events travel: two transports behind one interface, and the exactly-once core that consumers share."""

from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.inbox import Handler, Inbox
from cchc_shared.stream.tables import position_tables, stream_tables

__all__ = ["Consumer", "Handler", "Inbox", "position_tables", "stream_tables"]

"""How events travel: two carriers behind one interface, and the exactly-once core that consumers share."""

from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.inbox import Handler, Inbox
from cchc_shared.stream.tables import position_tables, stream_tables
from cchc_shared.stream.worker import consuming, source_factory

__all__ = ["Consumer", "Handler", "Inbox", "consuming", "position_tables", "source_factory", "stream_tables"]

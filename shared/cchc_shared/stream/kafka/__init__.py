"""The Kafka transport: the only room that knows aiokafka.

Events travel as CloudEvents in binary mode: the envelope in `ce_*` headers, the data as the value, the aggregate's id
as the key. Topics are named `cchc.<topic>`; another prefix keeps two installations on one Kafka apart. Kafka shares
partitions among the members of a group; where a member goes on is what the database says, and offsets are committed to
Kafka only so that others can see the lag.
"""

from cchc_shared.stream.kafka.log import KafkaLog
from cchc_shared.stream.kafka.sink import KafkaSink
from cchc_shared.stream.kafka.source import ForeignTopic, KafkaSource
from cchc_shared.stream.kafka.topics import ensure_topics, remove_topics

__all__ = ["ForeignTopic", "KafkaLog", "KafkaSink", "KafkaSource", "ensure_topics", "remove_topics"]

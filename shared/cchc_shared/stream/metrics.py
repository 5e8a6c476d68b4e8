"""Metrics of a consumer."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("cchc_stream_events_total", "Events by what became of them", ["consumer", "outcome"])
BATCHES = Counter("cchc_stream_batches_total", "Batches committed, fenced or failed", ["consumer", "outcome"])
SECONDS = Histogram(
    "cchc_stream_batch_seconds",
    "Time of one batch, from reading to commit",
    ["consumer"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
LAG = Gauge("cchc_stream_lag_events", "Events not yet applied, per partition", ["consumer", "topic", "partition"])
RESTARTS = Counter("cchc_stream_restarts_total", "Sources replaced because they stood still or failed", ["consumer"])

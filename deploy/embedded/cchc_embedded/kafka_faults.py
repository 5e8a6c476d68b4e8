"""Explains in one sentence why the Kafka at `KAFKA_BOOTSTRAP_SERVERS` cannot be used."""

KAFKA_FAULTS = (OSError, RuntimeError, ValueError)
"""What preparing topics raises: every error of the Kafka client is a `RuntimeError`."""


def explain_kafka(error: Exception, servers: str) -> str:
    """What was asked, and what the client says of it."""
    said = f"{type(error).__name__}: {error}".replace("\n", " ")
    return f"Kafka {servers}: không kết nối được hoặc không dùng được · cannot be reached, or not be used ({said})"

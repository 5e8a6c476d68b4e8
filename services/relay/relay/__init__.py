"""Publishes every outbox to Kafka. Runs only where there is a Kafka."""

"""Bounds of the requests to one service: how many at once, and how long each may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds, and requests at work at once with one instance of a service."""

    in_flight: int = 256
    connect_seconds: float = 2.0
    idle_seconds: float = 30.0
    total_seconds: float = 120.0
    restart_seconds: float = 10.0
    """How long a request may wait for a service that restarts."""
    failures: int = 5
    """So many in a row open the circuit of an instance."""
    open_seconds: float = 5.0
    """How long it stays open before one request sees whether the instance answers."""

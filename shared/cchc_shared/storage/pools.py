"""Sizes of connection pools. The server must have room for the connections of all processes."""

from typing import Final

POOL_SIZE: Final = 8
MOST_POOLED: Final = 64
LEAST_POOLED: Final = 2
"""A step of archiving holds one connection, and what it has to say goes over another."""

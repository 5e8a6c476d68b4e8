"""How many connections to PostgreSQL one process keeps; the server must have room for those of all processes."""

from typing import Final

POOL_SIZE: Final = 8
MOST_POOLED: Final = 64

"""The generated contracts, as the code says them."""

from functools import cache

from cchc_embedded import contracts


@cache
def documents() -> dict[str, str]:
    """Every contract by its path below the folder. Made once: many test modules look at them, and they take seconds."""
    return contracts.documents()

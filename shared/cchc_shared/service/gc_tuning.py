"""Tunes Python's cyclic garbage collector, and says why."""

import gc

SERVING = 50_000
CONSUMING = 400_000
"""More objects than a large batch is made of."""


def raise_threshold(allocations: int) -> None:
    """Let the collector run only after that many new objects.

    A batch of events, or a burst of requests, makes tens of thousands of objects that all live as long as the batch.
    Python's default threshold of 700 makes the collector traverse them again and again; that took a third of a
    worker's time.
    """
    gc.set_threshold(allocations)


def keep_what_is_there() -> None:
    """Let the collector never look at again what is there by now: the modules, which stay as long as the process.

    It would do so even at the end, before everything is thrown away: a third of the time of a short command.
    """
    gc.freeze()

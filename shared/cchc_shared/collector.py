"""How often a process looks for objects that refer to each other in a circle."""

import gc

ALLOCATIONS = 50_000


def relax() -> None:
    """Look rarely.

    A batch of events, or a burst of requests, makes tens of thousands of objects that live just as long as it does.
    Looking through them for circles at every 700th, as Python does by itself, cost a third of a worker's time.
    """
    gc.set_threshold(ALLOCATIONS)

"""How often a process looks for objects that refer to each other in a circle."""

import gc

SERVING = 50_000
CONSUMING = 400_000
"""More objects than a large batch is made of."""


def relax(allocations: int) -> None:
    """Look only after so many new objects.

    A batch of events, or a burst of requests, makes tens of thousands of objects that live just as long as it does.
    Looking through them for circles at every 700th, as Python does by itself, cost a third of a worker's time.
    """
    gc.set_threshold(allocations)

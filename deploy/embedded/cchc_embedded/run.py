"""`make run`: the whole system on this machine, from the first process to the first curl."""

import os
import signal
import sys

from cchc_shared.service import gc_tuning


def main() -> int:
    """Until the launcher listens for itself, nothing is started that would have to be ended: Ctrl-C just leaves."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    gc_tuning.raise_threshold(gc_tuning.SERVING)  # what is imported stays; the copies begin with it too
    from cchc_embedded.launcher import run  # takes a moment

    return run()


if __name__ == "__main__":
    sys.exit(main())

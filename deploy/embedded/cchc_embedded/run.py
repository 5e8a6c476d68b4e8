"""`make run`: the whole system on this machine, from the first process to the first curl."""

import os
import signal
import sys


def main() -> int:
    """Until the launcher listens for itself, nothing is started that would have to be ended: Ctrl-C just leaves."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    from cchc_embedded.launcher import run  # takes a moment

    return run()


if __name__ == "__main__":
    sys.exit(main())

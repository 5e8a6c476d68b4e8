"""`make rebuild [SWAP=yes]`: are the live scores those that the log of events gives?

    python -m cchc_embedded.admin.rebuild [--swap]

Runs `scoring_worker.rebuild` with the settings of scoring-worker; the system may run meanwhile.
"""

import subprocess
import sys

from cchc_embedded.admin.place import installation, opened, password, told
from cchc_embedded.provision import OWNERS, url_for


def main() -> int:
    """The exit code of the rebuild. Its arguments are passed on."""
    return told(lambda: rebuild(sys.argv[1:]))


def rebuild(arguments: list[str]) -> int:
    """Run it in the foreground."""
    here = installation()
    with opened(here) as admin_url:
        role = OWNERS["scoring"]
        own = {"DATABASE_URL": url_for(admin_url, role, password(here, role))}
        command = [sys.executable, "-m", "scoring_worker.rebuild", *arguments]
        return subprocess.run(command, env=here.environment("scoring-worker") | own, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

"""`make rebuild [SERVICE=feedback] [SWAP=yes] [FROM=outbox] [LOSS=accept]`: is live what the log of events gives?

    python -m cchc_embedded.admin.rebuild [--service scoring|feedback] [arguments of the rebuild itself]

Runs the rebuild of a service with the settings of its worker; the system may run meanwhile.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence

from cchc_embedded.admin.place import exit_code_of, installation, opened, password
from cchc_embedded.provision import OWNERS, url_for

REBUILDS = {
    "scoring": ("scoring_worker.rebuild", "scoring-worker"),
    "feedback": ("feedback_api.rebuild", "feedback-worker"),
}
"""Schema → the module that makes its effects again, and the process whose settings it takes."""


def main() -> int:
    """The exit code of the rebuild. Its arguments are passed on."""
    parser = argparse.ArgumentParser(prog="make rebuild", add_help=False)
    parser.add_argument("--service", choices=REBUILDS, default="scoring")
    wanted, arguments = parser.parse_known_args()
    return exit_code_of(lambda: rebuild(wanted.service, arguments))


def rebuild(schema: str, arguments: Sequence[str]) -> int:
    """Run the rebuild of a schema."""
    return run(schema, *REBUILDS[schema], arguments)


def run(schema: str, module: str, process: str, arguments: Sequence[str]) -> int:
    """Run a module in the foreground, with the settings of a process and the role that owns the schema."""
    here = installation()
    with opened(here) as admin_url:
        role = OWNERS[schema]
        own = {"DATABASE_URL": url_for(admin_url, role, password(here, role))}
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, env=here.environment(process) | own, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

"""`make keys SYSTEM=one-stop-1`: a key of a connected system is made, rotated or revoked.

    python -m cchc_embedded.admin.keys SYSTEM [--kind test] [--days 90] [--rotate ID --overlap-hours 24 | --revoke ID]

Runs the command of notify with the settings of its API; the system may run meanwhile.
"""

import subprocess
import sys

from cchc_embedded.admin.place import exit_code_of, installation, opened, password
from cchc_embedded.provision import OWNERS, url_for


def main() -> int:
    """The exit code of the command."""
    return exit_code_of(issue)


def issue() -> int:
    """Run it in the foreground."""
    here = installation()
    with opened(here) as admin_url:
        role = OWNERS["notify"]
        own = {"DATABASE_URL": url_for(admin_url, role, password(here, role))}
        command = [sys.executable, "-m", "notify.issuing", *sys.argv[1:]]
        return subprocess.run(command, env=here.environment("notify") | own, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

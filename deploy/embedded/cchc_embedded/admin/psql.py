"""`make psql [SERVICE=tasks]`: a prompt of the database, as its administrator or as the role of one service.

python -m cchc_embedded.admin.psql [--service tasks|feedback|scoring|relay]
"""

import argparse
import signal
import subprocess
import sys

from cchc_embedded.admin.clients import program, without_password
from cchc_embedded.admin.place import exit_code_of, installation, opened, password
from cchc_embedded.provision import OWNERS, url_for


def main() -> int:
    """The exit code of `psql`. What is piped in is run up to its first error."""
    parser = argparse.ArgumentParser(prog="make psql")
    parser.add_argument("--service", choices=OWNERS, help="as the role of this service; otherwise as administrator")
    service = parser.parse_args().service
    return exit_code_of(lambda: psql(service))


def psql(service: str | None) -> int:
    """Run it in the foreground."""
    here = installation()
    with opened(here) as admin_url:
        role = OWNERS[service] if service else None
        address, environment = without_password(url_for(admin_url, role, password(here, role)) if role else admin_url)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends a query, not the prompt
        command = [program("psql"), "--set=ON_ERROR_STOP=1", f"--dbname={address}"]
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

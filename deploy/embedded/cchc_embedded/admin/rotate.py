"""`make rotate`: contact data are sealed again under the first of the keys.

    python -m cchc_embedded.admin.rotate

Runs the rotation of feedback-api with the settings of its API; the system may run meanwhile.
"""

import os
import subprocess
import sys
from dataclasses import replace

from cchc_embedded.admin.place import Refused, exit_code_of, installation, opened, password
from cchc_embedded.installation import CONTACT_KEY
from cchc_embedded.provision import OWNERS, url_for


def main() -> int:
    """The exit code of the rotation."""
    return exit_code_of(rotate)


def rotate() -> int:
    """Run it in the foreground. The keys are those of the environment, else those of the data folder."""
    here = installation()
    keys = os.environ.get("CCHC_CONTACT_KEY") or here.secrets.get(CONTACT_KEY)
    if not keys:
        raise Refused("thiếu khoá liên hệ · the keys of the contacts are wanted: CCHC_CONTACT_KEY")
    here = replace(here, secrets={**here.secrets, CONTACT_KEY: keys})
    with opened(here) as admin_url:
        role = OWNERS["feedback"]
        settings = here.environment("feedback-api")
        own = {"DATABASE_URL": url_for(admin_url, role, password(here, role))}
        command = [sys.executable, "-m", "feedback_api.rotation"]
        return subprocess.run(command, env=settings | own, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

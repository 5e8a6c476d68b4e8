"""`make counts [MEND=yes]`: are the counts that statistics read those of the reports?

    python -m cchc_embedded.admin.counts [--mend]

Runs the comparison of feedback-api with the settings of its worker; the system may run meanwhile.
"""

import sys

from cchc_embedded.admin.place import exit_code_of
from cchc_embedded.admin.rebuild import run


def main() -> int:
    """The exit code of the comparison. Its arguments are passed on."""
    return exit_code_of(lambda: run("feedback", "feedback_api.statistics", "feedback-worker", sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())

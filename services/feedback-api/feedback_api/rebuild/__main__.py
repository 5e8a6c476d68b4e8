"""`python -m feedback_api.rebuild [--swap]`: is the copy of the directory that which the log of events gives?"""

import sys

from cchc_shared.service.http_settings import read
from cchc_shared.service.rebuild import command
from cchc_shared.service.settings import ServiceSettings
from feedback_api.bootstrap import TOPICS
from feedback_api.rebuild.plan import PLAN

NAME = "feedback-rebuild"


def main() -> int:
    return command.main("feedback_api.rebuild", NAME, read(ServiceSettings), PLAN, TOPICS)


if __name__ == "__main__":
    sys.exit(main())

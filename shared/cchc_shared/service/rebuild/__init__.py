"""What follows from the log of events, made again beside what is live, compared, and put in its place on demand."""

from cchc_shared.service.rebuild.comparison import Difference, LogIncomplete
from cchc_shared.service.rebuild.plan import Plan
from cchc_shared.service.rebuild.replay import LogTooShort
from cchc_shared.service.rebuild.service import RebuildRunning, TablesBusy, TookTooLong, rebuild, search_rebuilt

__all__ = [
    "Difference",
    "LogIncomplete",
    "LogTooShort",
    "Plan",
    "RebuildRunning",
    "TablesBusy",
    "TookTooLong",
    "rebuild",
    "search_rebuilt",
]

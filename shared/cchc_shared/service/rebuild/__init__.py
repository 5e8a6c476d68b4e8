"""Rebuilds the tables that follow from events beside the live ones, compares both, and swaps them on demand."""

from cchc_shared.service.rebuild.comparison import Difference, LogIncomplete
from cchc_shared.service.rebuild.plan import RebuildPlan
from cchc_shared.service.rebuild.replay import LogTooShort
from cchc_shared.service.rebuild.service import RebuildRunning, TablesBusy, rebuild, search_rebuilt

__all__ = [
    "Difference",
    "LogIncomplete",
    "LogTooShort",
    "RebuildPlan",
    "RebuildRunning",
    "TablesBusy",
    "rebuild",
    "search_rebuilt",
]

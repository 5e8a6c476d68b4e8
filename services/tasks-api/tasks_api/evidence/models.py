"""Objects of evidence that are to be removed from the storage, unless a row refers to them by then."""

from typing import Final

from cchc_shared.files.discarded import Discarded, discarded_table
from tasks_api.metadata import METADATA

discarded = discarded_table(METADATA, "task_discarded_object")
DISCARDED: Final = Discarded(discarded)

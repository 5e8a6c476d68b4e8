"""Removes what no attachment refers to: what was erased, and what a crash or a refusal left in the storage."""

from typing import Final

from cchc_shared.files.discarded import removal
from cchc_shared.service.timers import Sweep
from feedback_api.attachments import repository
from feedback_api.reports.models import DISCARDED

REMOVAL: Final[Sweep] = removal("attachments.remove", DISCARDED, repository.referred_to)

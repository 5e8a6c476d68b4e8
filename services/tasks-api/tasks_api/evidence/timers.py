"""Removes the bytes of what was taken back, and what a crash or a refusal left in the storage."""

from typing import Final

from cchc_shared.files.discarded import removal
from cchc_shared.service.timers import Sweep
from tasks_api.evidence import repository
from tasks_api.evidence.models import DISCARDED

REMOVAL: Final[Sweep] = removal("evidence.remove", DISCARDED, repository.referred_to)

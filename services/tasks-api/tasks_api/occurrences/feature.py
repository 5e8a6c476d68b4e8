"""Occurrences of recurring tasks."""

from cchc_shared.service.feature import Feature
from tasks_api.occurrences.timers import ASSIGNING

FEATURE = Feature("occurrences", sweeps=(ASSIGNING,))

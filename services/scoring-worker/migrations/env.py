"""Runs this service's migrations with its own role, whose search path is its own schema."""

from cchc_shared.storage.migrations import run
from scoring_worker import bootstrap  # imports every feature, and so every table
from scoring_worker.metadata import METADATA

__all__ = ["bootstrap"]

run(METADATA)

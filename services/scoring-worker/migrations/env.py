"""Runs this service's migrations with its own role, whose search path is its own schema."""

import scoring_worker.bootstrap  # noqa: F401 - it imports every feature, and so every table
from cchc_shared.storage.migrations import run
from scoring_worker.metadata import METADATA

run(METADATA)

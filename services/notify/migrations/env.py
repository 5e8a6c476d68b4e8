"""Runs this service's migrations with its own role, whose search path is its own schema."""

import notify.bootstrap  # noqa: F401 - it imports every feature, and so every table
from cchc_shared.storage.migrations import run
from notify.metadata import METADATA

run(METADATA)

"""Runs this service's migrations with its own role, whose search path is its own schema."""

from cchc_shared.storage.migrations import run
from relay.metadata import METADATA

run(METADATA)

"""Runs the relay's migrations."""

from cchc_shared.storage.migrations import run
from relay.metadata import METADATA

run(METADATA)

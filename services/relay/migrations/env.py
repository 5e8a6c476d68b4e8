"""Runs the relay's migrations."""

from cchc_shared.storage.migrations import run
from relay.models import METADATA

run(METADATA)

"""Runs the relay's migrations."""

from cchc_shared.migrations import run
from cchc_shared.relay.models import METADATA

run(METADATA)

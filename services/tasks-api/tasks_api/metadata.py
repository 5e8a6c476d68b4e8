"""The one catalogue into which every feature enters its tables."""

from cchc_shared.storage.database import metadata

METADATA = metadata()

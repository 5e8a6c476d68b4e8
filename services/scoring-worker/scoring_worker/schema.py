"""The one `MetaData` into which every feature puts its tables."""

from cchc_shared.storage.database import metadata

METADATA = metadata()

"""What every room of a service that keeps files stands on: the storage, and places to read files in."""

from typing import cast

from anyio import CapacityLimiter

from cchc_shared.files.images import AT_ONCE
from cchc_shared.files.objects import Objects
from cchc_shared.files.settings import StorageSettings
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature


def _objects(here: Context) -> Objects:
    return Objects.at(cast("StorageSettings", here.settings).attachments_url)


def _places(_: Context) -> CapacityLimiter:
    return CapacityLimiter(AT_ONCE)


FEATURE = Feature("files", provides={Objects: _objects, CapacityLimiter: _places})

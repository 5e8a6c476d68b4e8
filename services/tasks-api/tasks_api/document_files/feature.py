"""Files of documents."""

from typing import cast

from anyio import CapacityLimiter

from cchc_shared.files.objects import Objects
from cchc_shared.files.scanning import scanner_of
from cchc_shared.files.settings import TakingSettings
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from tasks_api.document_files.routes import router
from tasks_api.document_files.service import FilesOfDocuments
from tasks_api.document_files.timers import REMOVAL
from tasks_api.documents.service import Documents
from tasks_api.tasks.rules import WorkRules


def _open(here: Context) -> FilesOfDocuments:
    return FilesOfDocuments(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        documents=here.use(Documents),
        rules=WorkRules.load(here.profile).document_files,
        objects=here.use(Objects),
        scanner=scanner_of(cast("TakingSettings", here.settings).attachments_scanner),
        places=here.use(CapacityLimiter),
    )


FEATURE = Feature("document_files", provides={FilesOfDocuments: _open}, routers=(router,), sweeps=(REMOVAL,))

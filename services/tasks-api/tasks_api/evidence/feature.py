"""Evidence of tasks."""

from typing import cast

from anyio import CapacityLimiter

from cchc_shared.files.objects import Objects
from cchc_shared.files.scanning import scanner_of
from cchc_shared.files.settings import TakingSettings
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.city import City
from tasks_api.evidence.routes import router
from tasks_api.evidence.service import EvidenceOfTasks
from tasks_api.evidence.timers import REMOVAL
from tasks_api.tasks.rules import WorkRules


def _open(here: Context) -> EvidenceOfTasks:
    return EvidenceOfTasks(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        city=City.load(here.profile),
        rules=WorkRules.load(here.profile).evidence,
        objects=here.use(Objects),
        scanner=scanner_of(cast("TakingSettings", here.settings).attachments_scanner),
        places=here.use(CapacityLimiter),
    )


FEATURE = Feature(
    "evidence",
    provides={EvidenceOfTasks: _open},
    routers=(router,),
    sweeps=(REMOVAL,),
    tags=(Tag("evidence", "Tài liệu kiểm chứng sản phẩm của nhiệm vụ · Evidence of the products of tasks"),),
)

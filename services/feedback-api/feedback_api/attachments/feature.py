"""Attachments of reports."""

from typing import cast

from anyio import CapacityLimiter

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from feedback_api import rulebook
from feedback_api.attachments.images import AT_ONCE
from feedback_api.attachments.objects import Objects
from feedback_api.attachments.routes import router
from feedback_api.attachments.rules import AttachmentRules
from feedback_api.attachments.scanning import scanner_of
from feedback_api.attachments.service import Attachments
from feedback_api.attachments.timers import REMOVAL
from feedback_api.settings import FeedbackSettings, WorkerSettings


def _objects(here: Context) -> Objects:
    return Objects.at(cast("WorkerSettings", here.settings).attachments_url)


def _open(here: Context) -> Attachments:
    return Attachments(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        bounds=rulebook.load(here.profile, AttachmentRules).attachments,
        objects=here.use(Objects),
        scanner=scanner_of(cast("FeedbackSettings", here.settings).attachments_scanner),
        places=CapacityLimiter(AT_ONCE),
    )


FEATURE = Feature(
    "attachments",
    provides={Objects: _objects, Attachments: _open},
    routers=(router,),
    sweeps=(REMOVAL,),
    tags=(Tag("attachments", "Tệp đính kèm của phản ánh · Attachments of reports"),),
)

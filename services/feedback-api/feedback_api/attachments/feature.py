"""Attachments of reports."""

from typing import cast

from anyio import CapacityLimiter

from cchc_shared.files.objects import Objects
from cchc_shared.files.scanning import scanner_of
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from feedback_api import rulebook
from feedback_api.attachments.routes import router
from feedback_api.attachments.rules import AttachmentRules
from feedback_api.attachments.service import Attachments
from feedback_api.attachments.timers import REMOVAL
from feedback_api.settings import FeedbackSettings


def _open(here: Context) -> Attachments:
    return Attachments(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        bounds=rulebook.load(here.profile, AttachmentRules).attachments,
        objects=here.use(Objects),
        scanner=scanner_of(cast("FeedbackSettings", here.settings).attachments_scanner),
        places=here.use(CapacityLimiter),
    )


FEATURE = Feature(
    "attachments",
    provides={Attachments: _open},
    routers=(router,),
    sweeps=(REMOVAL,),
    tags=(Tag("attachments", "Tệp đính kèm của phản ánh · Attachments of reports"),),
)

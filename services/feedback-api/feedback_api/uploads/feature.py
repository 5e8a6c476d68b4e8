"""Uploads in parts."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from feedback_api.attachments.service import Attachments
from feedback_api.uploads.routes import router
from feedback_api.uploads.service import Uploads
from feedback_api.uploads.timers import EXPIRY


def _open(here: Context) -> Uploads:
    return Uploads(here.engine, here.reading, here.clock, here.use(Attachments))


FEATURE = Feature(
    "uploads",
    provides={Uploads: _open},
    routers=(router,),
    sweeps=(EXPIRY,),
    tags=(Tag("uploads", "Tải tệp lên từng phần · Uploads in parts (tus 1.0.0)"),),
)

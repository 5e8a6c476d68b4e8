"""Reports that come from the software of channels, each in its own form."""

from typing import cast

from cchc_shared.contract.yaml_text import read_document
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api.attachments.service import Attachments
from feedback_api.channels.routes import router
from feedback_api.channels.rules import FILE, ChannelRules
from feedback_api.channels.service import Channels
from feedback_api.intake.service import Intake
from feedback_api.settings import FeedbackSettings


def _open(here: Context) -> Channels:
    secret = cast("FeedbackSettings", here.settings).zalo_secret
    return Channels(
        intake=here.use(Intake),
        reading=here.reading,
        clock=here.clock,
        rules=read_document(here.profile / FILE, ChannelRules),
        attachments=here.use(Attachments),
        zalo_secret=None if secret is None else secret.get_secret_value(),
    )


FEATURE = Feature("channels", provides={Channels: _open}, routers=(router,))

"""Standard replies of units, and of every unit."""

from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from feedback_api import rulebook
from feedback_api.standard_replies.routes import router
from feedback_api.standard_replies.rules import ReplyRules
from feedback_api.standard_replies.service import StandardReplies


def _open(here: Context) -> StandardReplies:
    return StandardReplies(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        rules=rulebook.load(here.profile, ReplyRules),
        directory=here.use(Directory),
    )


FEATURE = Feature(
    "standard_replies",
    provides={StandardReplies: _open},
    routers=(router,),
    tags=(Tag("standard-replies", "Mẫu trả lời · Standard replies"),),
)

"""Contact data of reporters, and the rights of those they speak of."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from feedback_api import rulebook
from feedback_api.deadlines.domain import Deadlines
from feedback_api.privacy.routes import router
from feedback_api.privacy.rules import PrivacyRules
from feedback_api.privacy.service import Privacy
from feedback_api.reports.contacts import ContactCipher
from feedback_api.reports.rules import RetentionRules


def _open(here: Context) -> Privacy:
    return Privacy(
        engine=here.engine,
        clock=here.clock,
        rules=rulebook.load(here.profile, PrivacyRules),
        retention=rulebook.load(here.profile, RetentionRules),
        deadlines=here.use(Deadlines),
        cipher=here.use(ContactCipher),
    )


FEATURE = Feature(
    "privacy",
    provides={Privacy: _open},
    routers=(router,),
    tags=(Tag("privacy", "Dữ liệu cá nhân của người gửi phản ánh · Personal data of reporters"),),
)

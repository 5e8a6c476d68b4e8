"""Mail: what units are told, by SMTP to the mailboxes that the operator keeps."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.mailing.routes import router
from tasks_api.mailing.sending import Post
from tasks_api.mailing.service import Mailing
from tasks_api.mailing.timers import FORGETTING, GATHERING
from tasks_api.settings import WorkerSettings
from tasks_api.units.service import Units


def open_mailing(here: Context) -> Mailing:
    return Mailing(here.engine, here.reading, here.clock, here.use(Units))


async def start(here: Context) -> None:
    """Send mails beside the timed work, where there is a server."""
    settings = here.settings
    if isinstance(settings, WorkerSettings) and settings.mail_server and settings.mail_from:
        post = Post(here.engine, here.clock, settings.mail_server, settings.mail_from)
        post.start()
        here.on_close(post.stop)


FEATURE = Feature(
    "mailing",
    provides={Mailing: open_mailing},
    routers=(router,),
    ticks=(GATHERING, FORGETTING),
    prepare=start,
    tags=(Tag("mailing", "Thư điện tử · Mail"),),
)

"""Documents that tasks come from, beside plans."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from tasks_api.city import City
from tasks_api.documents.routes import router
from tasks_api.documents.service import Documents
from tasks_api.tasks.assignment import Assigning


def open_documents(here: Context) -> Documents:
    return Documents(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        city=City.load(here.profile),
        assigning=here.use(Assigning),
    )


FEATURE = Feature(
    "documents",
    provides={Documents: open_documents},
    routers=(router,),
    tags=(Tag("documents", "Văn bản nguồn của nhiệm vụ · Documents that tasks come from"),),
)

"""Index sets are loaded when a worker starts."""

from typing import cast

from structlog import get_logger

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from scoring_worker.loading.routes import router
from scoring_worker.loading.service import IndexSetLoader, files_of
from scoring_worker.settings import ScoringSettings

log = get_logger()


async def load_index_sets(here: Context) -> dict[str, str]:
    """Load what the settings' folder has and the database has not. Any number of times gives the same."""
    settings = cast("ScoringSettings", here.settings)
    return await here.use(IndexSetLoader).load_files(files_of(settings.index_sets_folder))


async def _prepare(here: Context) -> None:
    log.info("index sets", results=await load_index_sets(here))


FEATURE = Feature(
    "loading",
    provides={IndexSetLoader: lambda here: IndexSetLoader(here.engine, here.clock)},
    routers=(router,),
    prepare=_prepare,
    tags=(Tag("index-sets", "Bộ chỉ số · Index sets"),),
)

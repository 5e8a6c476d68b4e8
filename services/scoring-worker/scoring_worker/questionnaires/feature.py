"""Questionnaires are loaded when a worker starts, and by request."""

from structlog import get_logger

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from scoring_worker.questionnaires.routes import router
from scoring_worker.questionnaires.service import Questionnaires

log = get_logger()


async def load_questionnaires(here: Context) -> dict[str, str]:
    """Load what the city's folder `surveys` has and the database has not. Any number of times gives the same."""
    found = sorted((here.profile / "surveys").glob("*.yaml"))
    files = {f"{file.parent.name}/{file.name}": file.read_bytes() for file in found}
    return await here.use(Questionnaires).load_files(files)


async def _prepare(here: Context) -> None:
    log.info("questionnaires", results=await load_questionnaires(here))


FEATURE = Feature(
    "questionnaires",
    provides={Questionnaires: lambda here: Questionnaires(here.engine, here.clock)},
    routers=(router,),
    prepare=_prepare,
)

"""Steps of dossiers."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from dossiers_api.procedures.rules import ProcedureRules
from dossiers_api.steps.routes import router, statistics
from dossiers_api.steps.service import Steps
from dossiers_api.steps.store import Store


def _open(here: Context) -> Steps:
    return Steps(here.reading, here.clock, here.calendar)


def _store(here: Context) -> Store:
    return Store(here.calendar, here.use(ProcedureRules))


FEATURE = Feature("steps", provides={Steps: _open, Store: _store}, routers=(router, statistics))

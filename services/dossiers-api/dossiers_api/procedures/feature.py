"""The catalogue of procedures."""

from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from dossiers_api.procedures.routes import decisions, router, statistics
from dossiers_api.procedures.rules import ProcedureRules
from dossiers_api.procedures.service import Procedures


def _rules(here: Context) -> ProcedureRules:
    return ProcedureRules.load(here.profile)


def _open(here: Context) -> Procedures:
    return Procedures(
        here.engine, here.reading, here.clock, here.calendar, here.use(Directory), here.use(ProcedureRules)
    )


FEATURE = Feature(
    "procedures",
    provides={ProcedureRules: _rules, Procedures: _open},
    routers=(router, decisions, statistics),
    tags=(Tag("procedures", "Thủ tục hành chính · Administrative procedures"),),
)

"""Dossiers, as those see them who handle them and who send them."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from dossiers_api.dossiers.routes import router
from dossiers_api.dossiers.rules import DossierRules
from dossiers_api.dossiers.service import Dossiers


def _rules(here: Context) -> DossierRules:
    return DossierRules.load(here.profile)


def _open(here: Context) -> Dossiers:
    return Dossiers(here.engine, here.reading, here.clock, here.use(DossierRules))


FEATURE = Feature(
    "dossiers",
    provides={DossierRules: _rules, Dossiers: _open},
    routers=(router,),
    tags=(Tag("dossiers", "Hồ sơ thủ tục hành chính · Dossiers of administrative procedures"),),
)

"""Deliveries of one-stop software and portals."""

from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from dossiers_api.dossiers.rules import DossierRules
from dossiers_api.intake.checks import Checks
from dossiers_api.intake.days import Days
from dossiers_api.intake.progress import Progress
from dossiers_api.intake.reading import Reader
from dossiers_api.intake.routes import router
from dossiers_api.intake.service import Intake
from dossiers_api.procedures.service import Procedures
from dossiers_api.steps.store import Store


def _open(here: Context) -> Intake:
    reader = Reader(here.use(DossierRules), here.calendar)
    return Intake(here.engine, here.clock, here.use(Directory), reader, here.use(Procedures), here.use(Store))


def _progress(here: Context) -> Progress:
    return Progress(
        here.engine, here.clock, here.calendar, here.use(Directory), here.use(DossierRules), here.use(Store)
    )


def _days(here: Context) -> Days:
    return Days(here.use(Intake))


def _checks(here: Context) -> Checks:
    return Checks(here.clock, here.use(Directory), Reader(here.use(DossierRules), here.calendar))


FEATURE = Feature(
    "intake", provides={Intake: _open, Days: _days, Progress: _progress, Checks: _checks}, routers=(router,)
)

"""Intake of reports."""

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from feedback_api import rulebook
from feedback_api.deadlines.domain import Deadlines
from feedback_api.directory.service import Directory
from feedback_api.intake.routes import router
from feedback_api.intake.rules import IntakeRules
from feedback_api.intake.service import Intake
from feedback_api.intake.writer import IntakeWriter
from feedback_api.reports.contacts import ContactCipher
from feedback_api.reports.secrets import TrackingSecrets
from feedback_api.routing.domain import Router


def _open(here: Context) -> Intake:
    writer = IntakeWriter(here.engine, here.use(ContactCipher))
    here.on_close(writer.drain)
    return Intake(
        clock=here.clock,
        calendar=here.calendar,
        rules=rulebook.load(here.profile, IntakeRules),
        deadlines=here.use(Deadlines),
        router=here.use(Router),
        directory=here.use(Directory),
        secrets=here.use(TrackingSecrets),
        writer=writer,
    )


FEATURE = Feature("intake", provides={Intake: _open}, routers=(router,))

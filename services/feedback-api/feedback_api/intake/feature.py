"""Intake of reports."""

from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.health import READY, Health
from feedback_api import rulebook
from feedback_api.deadlines.domain import Deadlines
from feedback_api.intake.batch import Batch
from feedback_api.intake.normalization import PhoneNumbers
from feedback_api.intake.routes import router
from feedback_api.intake.rules import IntakeRules
from feedback_api.intake.senders import Reading
from feedback_api.intake.service import Intake
from feedback_api.intake.writer import IntakeWriter
from feedback_api.reports.contacts import ContactCipher
from feedback_api.reports.fingerprint import Fingerprints
from feedback_api.reports.reminders import Reminders
from feedback_api.reports.secrets import TrackingSecrets
from feedback_api.routing.domain import Router

STUCK_SECONDS = 3.0
"""How long one group may be written before this process says that it is not ready."""


def _open(here: Context) -> Intake:
    writer = IntakeWriter(here.engine, here.use(ContactCipher))
    rules = rulebook.load(here.profile, IntakeRules)
    here.on_close(writer.drain)
    here.check("intake", lambda: _health(writer))
    return Intake(
        clock=here.clock,
        calendar=here.calendar,
        rules=rules,
        deadlines=here.use(Deadlines),
        router=here.use(Router),
        directory=here.use(Directory),
        secrets=here.use(TrackingSecrets),
        reading=Reading(PhoneNumbers(rules.country.phones), rules.country.box),
        fingerprints=here.use(Fingerprints),
        reminders=here.use(Reminders),
        writer=writer,
    )


def _health(writer: IntakeWriter) -> Health:
    """Not ready while reports wait for a database that does not answer: a balancer should send them elsewhere."""
    if writer.stuck_seconds < STUCK_SECONDS:
        return READY
    hung = f"{writer.stuck_seconds:.0f} s"
    return Health(ready=False, why=f"ghi phản ánh treo {hung} · writing reports has hung for {hung}")


FEATURE = Feature("intake", provides={Intake: _open, Batch: lambda here: Batch(here.use(Intake))}, routers=(router,))

"""Loads the units and the plans of the city's profile: python -m tasks_api.seed

What is there already stays as it is, so that a second run writes nothing and a change made by hand is kept.
"""

import asyncio

from structlog import get_logger

from cchc_shared.service import logs
from cchc_shared.service.settings import ServiceSettings
from tasks_api.bootstrap import NAME, open_resources
from tasks_api.plans import repository as plans
from tasks_api.plans.service import Document, import_plan
from tasks_api.resources import Resources
from tasks_api.units import repository as units
from tasks_api.units.service import define

ACTOR = "seed"
log = get_logger()


async def seed(here: Resources) -> None:
    """Enter the units that are missing and import the plans that are missing, each in one transaction."""
    async with here.engine.begin() as conn:
        wanted = here.profile.units()
        known = await units.with_codes(conn, {unit.code for unit in wanted})
        present = {(entry.unit.code, entry.unit.valid_from) for entry in known}
        missing = [unit for unit in wanted if (unit.code, unit.valid_from) not in present]
        if missing:
            await define(here, conn, missing)
    log.info("units", entered=len(missing), present=len(present))
    for published, content in here.profile.plans():
        document = Document(
            document_no=published.document_no,
            issued_on=published.issued_on,
            title=published.title,
            issuer=published.issuer,
            file_name=published.file,
            content=content,
        )
        async with here.engine.begin() as conn:
            plan = await plans.by_document(conn, document.document_no, document.issued_on.year)
            if plan is None:
                plan = (await import_plan(here, conn, document, actor=ACTOR, dry_run=False)).plan
                log.info("plan imported", plan=plan.code if plan else None, document_no=document.document_no)


async def _main() -> None:
    settings = ServiceSettings()
    logs.configure(NAME, settings.log_level)
    async with open_resources(settings) as here:
        await seed(here)


if __name__ == "__main__":
    asyncio.run(_main())

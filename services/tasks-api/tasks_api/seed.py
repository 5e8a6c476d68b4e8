"""Loads the units and the plans of the city's documents: python -m tasks_api.seed

What is there already is not touched, so that a second run writes nothing and changes made since then stay.
"""

import asyncio
import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
from structlog import get_logger

from cchc_shared.contract.provenance import Versioned
from cchc_shared.contract.yaml_text import read_document
from cchc_shared.service import logs
from cchc_shared.service.assembly import opened
from cchc_shared.service.context import Context
from cchc_shared.service.http_settings import read
from cchc_shared.service.settings import ServiceSettings
from tasks_api.bootstrap import API, FEATURES
from tasks_api.plans.domain import PlanDocument
from tasks_api.plans.importing import Imports
from tasks_api.units.domain import Unit
from tasks_api.units.service import Units

ACTOR = "seed"
log = get_logger()


class PublishedPlan(Versioned, frozen=True, kw_only=True):
    """`plans/*.yaml`: a published plan. `file` is the name of its annex in the same folder."""

    document_no: str
    issued_on: date
    title: str
    issuer: str
    file: str


def units_of(profile: Path) -> list[Unit]:
    """The rows of `units.csv`; an empty cell is an unknown or open end, blanks stand between codes of successors."""
    with (profile / "units.csv").open(encoding="utf-8", newline="") as file:
        return [_unit(row) for row in csv.DictReader(file)]


def plans_of(profile: Path) -> Iterator[PlanDocument]:
    """The published plans with their annexes, in the order of their file names."""
    folder = profile / "plans"
    for path in sorted(folder.glob("*.yaml")):
        plan = read_document(path, PublishedPlan)
        yield PlanDocument(
            document_no=plan.document_no,
            issued_on=plan.issued_on,
            title=plan.title,
            issuer=plan.issuer,
            file_name=plan.file,
            content=(folder / plan.file).read_bytes(),
        )


async def seed(here: Context) -> None:
    """Add the units that are missing and import the plans that are missing, each in one transaction."""
    units = units_of(here.profile)
    added = await here.use(Units).add_missing(units)
    log.info("units", added=added, present=len(units) - added)
    for document in plans_of(here.profile):
        plan = await here.use(Imports).import_missing(document, ACTOR)
        if plan:
            log.info("plan imported", plan=plan.code, document_no=plan.document_no)


def _unit(row: dict[str, str]) -> Unit:
    fields = ("code", "name", "kind", "parent", "valid_from", "valid_to")
    successors = (row.get("successors") or "").split()
    return msgspec.convert({name: row[name] or None for name in fields} | {"successors": successors}, Unit)


async def _main() -> None:
    settings = read(ServiceSettings)
    logs.configure(API, settings.log_level)
    async with opened(f"{API}-seed", settings, FEATURES) as here:
        await seed(here)


if __name__ == "__main__":
    asyncio.run(_main())

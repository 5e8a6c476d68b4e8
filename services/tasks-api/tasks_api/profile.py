"""The versioned documents of the city that this service runs on. Nothing about a particular city stands in code."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, Self, TypeVar

import msgspec
import yaml

from cchc_shared.calendar.working_time import WorkingCalendar
from tasks_api.rules import TaskRules
from tasks_api.units.domain import Directory, Group, Unit


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every document of a profile says of itself."""

    version: str
    effective_from: date
    source: str
    status: Literal["V", "N", "S", "R"]


class City(_Document, frozen=True):
    """`profile.yaml`: the city, and the unit that assigns where a document names none we know."""

    code: str
    name: dict[str, str]
    assigning_unit: str


class Groups(_Document, frozen=True):
    """`groups.yaml`: how documents word groups of units."""

    committee_prefixes: tuple[str, ...]
    groups: tuple[Group, ...]


class PlanDocument(_Document, frozen=True):
    """`plans/*.yaml`: a published plan and the file beside it with its annex."""

    document_no: str
    issued_on: date
    title: str
    issuer: str
    file: str


D = TypeVar("D", bound=_Document)


@dataclass(frozen=True)
class Profile:
    """Everything under the city's folder that units, plans and tasks need."""

    folder: Path
    city: City
    groups: Groups
    rules: TaskRules
    calendar: WorkingCalendar

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read and check the documents; a faulty one raises and names what is wrong with it."""
        return cls(
            folder=folder,
            city=_read(folder / "profile.yaml", City),
            groups=_read(folder / "groups.yaml", Groups),
            rules=TaskRules.load(folder / "task_rules.yaml"),
            calendar=WorkingCalendar.load(folder / "calendar.yaml"),
        )

    def directory(self, units: Iterable[Unit], on: date) -> Directory:
        """The units valid that day, by the names and groups that documents use."""
        return Directory(units, self.groups.groups, on, self.groups.committee_prefixes)

    def units(self) -> list[Unit]:
        """The rows of `units.csv`; an empty cell is an unknown or open end."""
        with (self.folder / "units.csv").open(encoding="utf-8", newline="") as file:
            return [_unit(row) for row in csv.DictReader(file)]

    def plans(self) -> list[tuple[PlanDocument, bytes]]:
        """The published plans, each with the bytes of its annex, in the order of their file names."""
        documents = [_read(path, PlanDocument) for path in sorted((self.folder / "plans").glob("*.yaml"))]
        return [(plan, (self.folder / "plans" / plan.file).read_bytes()) for plan in documents]


def _unit(row: dict[str, str]) -> Unit:
    fields = ("code", "name", "kind", "parent", "valid_from", "valid_to")
    return msgspec.convert({name: row[name] or None for name in fields}, Unit)


def _read(path: Path, document: type[D]) -> D:
    return msgspec.convert(yaml.safe_load(path.read_text("utf-8")), document)

"""Request and response models of the worth of work."""

from datetime import date
from typing import Self

from pydantic import Field

from cchc_shared.contract.provenance import Provenance
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Out
from tasks_api.kpi.domain import Worth
from tasks_api.kpi.rules import KpiRules
from tasks_api.periods import PeriodCode
from tasks_api.tasks.domain import UnitRole, Urgency


class KpiQuery(In):
    period: PeriodCode
    cursor: Cursor = None
    limit: Limit = 50


class KpiRow(Out):
    """What one task is worth to the unit: `(completion + quality_points) / 2 × role_weight × urgency_weight`."""

    task: str
    title: str
    role: UnitRole
    urgency: Urgency
    last_day: date | None = Field(description="The day by which it is judged; null: it has no deadline")
    completed_on: date | None = Field(description="Day of the report that was approved; null: late and not done")
    days_early: int | None = Field(description="Below zero when late; null: not done")
    handed_on: int | None = Field(
        description="Version with which the unit passed it on late, or it was closed late: that is not done"
    )
    quality: int | None = Field(description="The mark that the approver gave, 1 to 5")
    completion: float
    quality_points: float
    role_weight: float
    urgency_weight: float
    kpi: float

    @classmethod
    def of(cls, worth: Worth) -> Self:
        work = worth.work
        return cls(
            task=work.task,
            title=work.title,
            role=work.role,
            urgency=work.urgency,
            last_day=work.last_day,
            completed_on=work.completed_on,
            days_early=work.days_early,
            handed_on=work.handed_on,
            quality=work.quality,
            completion=float(worth.completion),
            quality_points=float(worth.quality),
            role_weight=float(worth.role),
            urgency_weight=float(worth.urgency),
            kpi=float(worth.kpi),
        )


class KpiRulesOut(Out):
    """The weights that were applied."""

    version: str
    source: str
    status: Provenance
    is_template: bool = Field(description="True: no decision of the city stands behind these weights")

    @classmethod
    def of(cls, rules: KpiRules) -> Self:
        return cls(version=rules.version, source=rules.source, status=rules.status, is_template=rules.is_template)


class KpiOut(Out):
    """The worth of a unit's work in a period: the sum of its tasks, each of which explains itself."""

    unit: str
    period: str
    rules: KpiRulesOut
    kpi: float = Field(description="Sum over all tasks, not only those of this page")
    tasks: int
    not_done: int = Field(description="Of those, late and not done, or passed on late")
    rated: int = Field(description="Of those, with a mark; the others count with the points for none")
    items: list[KpiRow]
    next_cursor: str | None

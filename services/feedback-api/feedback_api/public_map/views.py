"""Reports as everyone sees them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.contract.screening import screened
from feedback_api.public_map.repository import Cluster
from feedback_api.public_map.schemas import (
    ClusterPropertiesOut,
    FeatureOut,
    PointOut,
    PublicFeedbackOut,
    ReportPropertiesOut,
)
from feedback_api.reports.domain import seen_outside
from feedback_api.reports.rules import LabelRules

DECIMALS = 5
"""Of the middle of a cluster, in degrees."""


class Views:
    """Makes what is shown, by the city's days and labels."""

    def __init__(self, calendar: WorkingCalendar, rules: LabelRules) -> None:
        self._calendar = calendar
        self._rules = rules

    def features(self, rows: Sequence[RowMapping]) -> list[FeatureOut]:
        """A feature for each report."""
        return [
            FeatureOut(id=row["code"], geometry=_point(row), properties=ReportPropertiesOut(**self._known(row)))
            for row in rows
        ]

    def clusters(self, found: Sequence[Cluster]) -> list[FeatureOut]:
        """A feature for each cluster."""
        return [
            FeatureOut(
                geometry=PointOut(coordinates=(round(each.lon, DECIMALS), round(each.lat, DECIMALS))),
                properties=ClusterPropertiesOut(count=each.size),
            )
            for each in found
        ]

    def report(self, row: RowMapping) -> PublicFeedbackOut:
        """One report with its labels, and its answer once that is published."""
        known = self._known(row)
        label = self._rules.labels.statuses[known["status"]]
        return PublicFeedbackOut.model_validate(
            known
            | {
                "code": row["code"],
                "status_label": label.name,
                "status_meaning": label.meaning,
                "category_label": self._rules.categories.names.get(row["category"]),
                "location": None if row["lat"] is None or row["lon"] is None else _point(row),
                "answer": screened(row["answer"]) if row["published"] and row["answer"] else None,
            }
        )

    def _known(self, row: RowMapping) -> dict[str, Any]:
        published = row["published"]
        return {
            "category": row["category"],
            "kind": row["kind"],
            "status": seen_outside(FeedbackStatus(row["status"])),
            "received_on": self._day(row["received_at"]),
            "unit": row["unit"] if published else None,
            "title": screened(row["title"]) if published and row["title"] else None,
            "published_on": self._day(row["published_at"]) if published and row["published_at"] else None,
        }

    def _day(self, at: datetime) -> date:
        return self._calendar.local_date(at)


def _point(row: RowMapping) -> PointOut:
    return PointOut(coordinates=(row["lon"], row["lat"]))

"""Comparisons as readers see them."""

from decimal import Decimal
from typing import Any

from scoring_worker.comparison.domain import Pair, Side, less
from scoring_worker.comparison.schemas import (
    ComparisonSheet,
    PublishedPoints,
    ScoreComparison,
    SeasonComparison,
    SeasonComparisonSheet,
)
from scoring_worker.comparison.service import Compared, ComparedSeasons, Published, Scored
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.ledger.domain import Json
from scoring_worker.seasons.domain import NOTHING, remedy


def comparison(found: Compared) -> ScoreComparison:
    """Both scores, and their criteria in pairs."""
    first, second = found.first.score.score, found.second.score.score
    return ScoreComparison.model_validate(
        {
            **_about(_set(found.first), _set(found.second)),
            "first": _score(found.first),
            "second": _score(found.second),
            "total_difference": first.total - second.total,
            "percent_difference": less(first.percent, second.percent),
            "items": [_criterion(pair) for pair in found.pairs],
        }
    )


def sheet(found: Compared) -> ComparisonSheet:
    """A line for the whole, and one for each criterion."""
    about = {
        **_on_each_line(_set(found.first), _set(found.second)),
        "first": _named(found.first),
        "second": _named(found.second),
    }
    scores = found.first.score.score, found.second.score.score
    whole = {
        "code": None,
        "name": "Toàn bộ",
        "field": None,
        "first_points": scores[0].total,
        "first_max": scores[0].max,
        "first_share": None,
        "second_points": scores[1].total,
        "second_max": scores[1].max,
        "second_share": None,
        "difference": scores[0].total - scores[1].total,
        "share_difference": None,
        "only_in": None,
    }
    lines = [whole, *(_line(pair) for pair in found.pairs)]
    return ComparisonSheet.model_validate({"items": [{**line, **about} for line in lines]})


def seasons(found: ComparedSeasons) -> SeasonComparison:
    """Both parts as they were published, and their criteria in pairs."""
    first, second = found.first.part, found.second.part
    percents = [None if part["percent"] is None else Decimal(part["percent"]) for part in (first, second)]
    return SeasonComparison.model_validate(
        {
            **_about(_set(found.first), _set(found.second)),
            "first": _part(found.first),
            "second": _part(found.second),
            "total_difference": Decimal(first["total"]) - Decimal(second["total"]),
            "percent_difference": less(*percents),
            "items": _pairs(found),
        }
    )


def seasons_sheet(found: ComparedSeasons) -> SeasonComparisonSheet:
    """A line for the whole, and one for each criterion."""
    first, second = found.first.part, found.second.part
    about = {
        **_on_each_line(_set(found.first), _set(found.second)),
        "one": _season_named(found.first),
        "other": _season_named(found.second),
    }
    whole = {
        **dict.fromkeys(("code", "field", "share_difference", "only_in")),
        "name": "Toàn bộ",
        "first": _whole(first),
        "second": _whole(second),
        "difference": Decimal(first["total"]) - Decimal(second["total"]),
    }
    return SeasonComparisonSheet.model_validate({"items": [{**line, **about} for line in (whole, *_pairs(found))]})


def _pairs(found: ComparedSeasons) -> list[dict[str, Any]]:
    one, other = _rows(found.first), _rows(found.second)
    return [
        {
            **_criterion(pair),
            "first": pair.first and _points(pair.first, one[pair.code], found.first),
            "second": pair.second and _points(pair.second, other[pair.code], found.second),
        }
        for pair in found.pairs
    ]


def _rows(of: Published) -> dict[str, Json]:
    return {row["criterion"]: row for row in of.part["criteria"]}


def _points(side: Side, row: Json, of: Published) -> dict[str, Any]:
    finding = remedy(of.said.get(row["criterion"], NOTHING))._asdict() if row["finding"] else None
    return {**row, **side._asdict(), "finding": finding}


def _whole(part: Json) -> dict[str, Any]:
    nothing = dict.fromkeys(PublishedPoints.model_fields)
    return {**nothing, "points": part["total"], "max": part["max"], "state": "scored"}


def _part(of: Published) -> dict[str, Any]:
    return {
        **of.part,
        "season": of.season.code,
        "title": of.season.title,
        "period": of.season.period,
        "version": of.season.set_version,
        "link": of.link.number,
        "sha256": of.link.sha256,
        "published_at": of.link.published_at,
    }


def _season_named(of: Published) -> str:
    return f"{of.part['name']}, {of.season.period} ({of.season.code})"


def _on_each_line(first: IndexSet, second: IndexSet) -> dict[str, Any]:
    """What is compared, for who cuts lines out."""
    versions = dict.fromkeys((first.version, second.version))
    return {"set": f"{first.code} {', '.join(versions)}", "notice": _about(first, second)["notice"]}


def _about(*sets: IndexSet) -> dict[str, Any]:
    # Of two versions one may be a template and the other not: readers are told of either.
    notice = next((each.notice for each in sets if each.notice), None)
    return {
        "set": sets[0].code,
        "template": any(each.template for each in sets),
        "notice": notice.vi if notice else None,
        "notice_en": notice.en if notice else None,
    }


def _set(scored: Scored | Published) -> IndexSet:
    return scored.edition.document.index_set


def _named(scored: Scored) -> str:
    unit = scored.score.unit
    return f"{unit.name if unit else scored.score.code}, {scored.period.code}"


def _score(scored: Scored) -> dict[str, Any]:
    one = scored.score
    return {
        "unit": one.code,
        "name": one.unit.name if one.unit else None,
        "kind": one.kind,
        "period": scored.period.code,
        "version": _set(scored).version,
        "total": one.score.total,
        "max": one.score.max,
        "percent": one.score.percent,
        "coverage": one.score.coverage,
        "rank": one.rank,
        "band": one.band.code if one.band else None,
    }


def _criterion(pair: Pair) -> dict[str, Any]:
    return {
        "code": pair.code,
        "name": pair.name.vi,
        "name_en": pair.name.en,
        "field": pair.field,
        "first": pair.first and pair.first._asdict(),
        "second": pair.second and pair.second._asdict(),
        "difference": pair.difference,
        "share_difference": pair.share_difference,
        "only_in": pair.only_in,
    }


def _line(pair: Pair) -> dict[str, Any]:
    return {**_criterion(pair), **_cells("first", pair.first), **_cells("second", pair.second)}


def _cells(which: str, side: Side | None) -> dict[str, Any]:
    return {f"{which}_{name}": side and getattr(side, name) for name in ("points", "max", "share")}

"""Comparisons as readers see them."""

from typing import Any

from scoring_worker.comparison.domain import Pair, Side, less
from scoring_worker.comparison.schemas import ComparisonSheet, ScoreComparison
from scoring_worker.comparison.service import Compared, Scored
from scoring_worker.index_sets.domain import IndexSet


def comparison(found: Compared) -> ScoreComparison:
    """Both scores, and their criteria in pairs."""
    first, second = found.first.score.score, found.second.score.score
    return ScoreComparison.model_validate(
        {
            **_about(found),
            "first": _score(found.first),
            "second": _score(found.second),
            "total_difference": first.total - second.total,
            "percent_difference": less(first.percent, second.percent),
            "items": [_criterion(pair) for pair in found.pairs],
        }
    )


def sheet(found: Compared) -> ComparisonSheet:
    """A line for the whole, and one for each criterion. Each says what is compared, for who cuts lines out."""
    index_set, other = _set(found.first), _set(found.second)
    versions = dict.fromkeys((index_set.version, other.version))
    about = {
        "set": f"{index_set.code} {', '.join(versions)}",
        "notice": _about(found)["notice"],
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


def _about(found: Compared) -> dict[str, Any]:
    sets = _set(found.first), _set(found.second)
    # Of two versions one may be a template and the other not: readers are told of either.
    notice = next((each.notice for each in sets if each.notice), None)
    return {
        "set": sets[0].code,
        "template": any(each.template for each in sets),
        "notice": notice.vi if notice else None,
        "notice_en": notice.en if notice else None,
    }


def _set(scored: Scored) -> IndexSet:
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

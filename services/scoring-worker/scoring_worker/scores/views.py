"""Scores as readers see them: the values of the response models."""

from collections.abc import Mapping, Sequence
from typing import Any

from scoring_worker.catalogue.edition import Edition
from scoring_worker.facts.domain import FactState
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.index_sets.evaluation import Node
from scoring_worker.index_sets.leaf import IndicatorInput
from scoring_worker.index_sets.texts import Text
from scoring_worker.periods import containing
from scoring_worker.scores.picture import RankedScore
from scoring_worker.scores.service import Explained, ScoresQuery


def header(edition: Edition, query: ScoresQuery) -> dict[str, Any]:
    """Which set answered what."""
    index_set = edition.document.index_set
    return {
        "set": index_set.code,
        "version": index_set.version,
        "sha256": edition.document.sha256,
        **_both("title", index_set.title),
        "template": index_set.template,
        **_both("notice", index_set.notice),
        "period": query.period.code,
        "as_of": query.as_of,
        "known_at": query.known_at,
    }


def explained(found: Explained, query: ScoresQuery) -> dict[str, Any]:
    """One unit's score with its tree."""
    index_set = found.edition.document.index_set
    return {
        **header(found.edition, query),
        **item(index_set, found.score),
        "head": f"/v1/units/{found.score.code}/head?as_of={query.period.last_day}",
        "gates": [
            {"code": code, **_both("name", index_set.gates[code].name), "met": met} for code, met in found.gates.items()
        ],
        "tree": tree(index_set, found.tree),
    }


def item(index_set: IndexSet, one: RankedScore) -> dict[str, Any]:
    """One unit's score."""
    names = {part.code: part.name for part in index_set.fields}
    return {
        "unit": one.code,
        "name": one.unit.name if one.unit else None,
        "kind": one.kind,
        "total": one.score.total,
        "max": one.score.max,
        "percent": one.score.percent,
        "coverage": one.score.coverage,
        "rank": one.rank,
        "band": one.band.code if one.band else None,
        **_both("band_name", one.band.name if one.band else None),
        "fields": [
            {"code": part.code, **_both("name", names[part.code]), "score": part.score, "max": part.max}
            for part in one.score.fields
        ],
        "provisional": True,  # until seasons lock and publish scores
        "computed_at": one.computed_at,
    }


def line(edition: Edition, query: ScoresQuery, one: RankedScore) -> dict[str, Any]:
    """One unit's score on a sheet, with which set answered what."""
    about, shown = header(edition, query), item(edition.document.index_set, one)
    fields = {f"{each['code']}. {each['name']}": each["score"] for each in shown["fields"]}
    return {**about, **shown, "set_version": about["version"], "fields": fields}


def tree(index_set: IndexSet, nodes: Sequence[Node]) -> list[dict[str, Any]]:
    """The contribution tree."""
    return [
        {
            "code": node.code,
            **_both("name", node.name),
            "max": node.max,
            "counted_max": node.counted,
            "score": node.score,
            "rule": node.rule,
            "state": node.state,
            "sentence": {"vi": node.sentence.vi, "en": node.sentence.en} if node.sentence else None,
            "source": node.source,
            "status": node.status,
            "inputs": [_input(index_set, given) for given in node.inputs],
            "children": tree(index_set, node.children),
        }
        for node in nodes
    ]


def _input(index_set: IndexSet, given: IndicatorInput) -> dict[str, Any]:
    return {
        "indicator": given.indicator,
        **_both("name", index_set.indicators[given.indicator].name),
        "source": given.source,
        "set": given.component.set if given.component else None,
        "field": given.component.field if given.component else None,
        "numerator": given.numerator,
        "denominator": given.denominator,
        "value": given.value,
        **{state: given.states.get(state, 0) for state in FactState},
    }


def _both(name: str, text: Text | None) -> dict[str, str | None]:
    """A text in Vietnamese under its name, and in English beside it."""
    return {name: text.vi if text else None, f"{name}_en": text.en if text else None}


def evidence(row: Mapping[str, Any]) -> dict[str, Any]:
    """A fact. A duty that was done only after the asked instant is not done in the answer."""
    return {
        **{name: row[name] for name in ("code", "measure", "state", "opened_at", "due_at", "recorded_at")},
        "aggregate": row["aggregate"].partition(":")[0],
        "counts_in": containing(row["month"])[0].code,
        "done_at": row["done_at"] if row["state"] in {"on_time", "late"} else None,
        "events": row["events"],
    }

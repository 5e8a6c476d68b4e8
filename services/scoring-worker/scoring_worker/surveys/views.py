"""Surveys as readers see them: the values of the response models."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from scoring_worker.index_sets.reading import rounded
from scoring_worker.index_sets.texts import Text
from scoring_worker.questionnaires.domain import Questionnaire
from scoring_worker.surveys.domain import Result, Survey

PLACES: Final = 4


def head(of: Survey, now: datetime) -> dict[str, Any]:
    """A survey in the list."""
    same = ("code", "questionnaire", "version", "period", "opens_at", "closes_at")
    return {**{name: getattr(of, name) for name in same}, "state": of.state(now)}


def survey(of: Survey, questionnaire: Questionnaire, counts: Mapping[str, int], now: datetime) -> dict[str, Any]:
    """A survey with how far it has come."""
    return {
        **head(of, now),
        **_both("title", questionnaire.title),
        **_both("notice", questionnaire.notice),
        "units": list(of.units),
        "withdrawn": _withdrawn(of),
        "weighted": bool(of.populations),
        "quota": questionnaire.sample.quota * len(questionnaire.cells) * len(of.units),
        **counts,
    }


def _withdrawn(of: Survey) -> dict[str, Any] | None:
    if of.withdrawn_at is None:
        return None
    return {"at": of.withdrawn_at, "by": of.withdrawn_by, "reason": of.withdrawn_reason}


def paper(of: Survey, questionnaire: Questionnaire, unit: tuple[str, str | None], stratum: str) -> dict[str, Any]:
    """The ballot of a token."""
    return {
        "survey": of.code,
        **_both("title", questionnaire.title),
        **_both("notice", questionnaire.notice),
        "unit": unit[0],
        "unit_name": unit[1],
        "stratum": stratum,
        "stratum_name": cell_name(questionnaire, stratum),
        "closes_at": of.closes_at,
        "questions": [
            {
                "code": question.code,
                "factor": question.factor,
                **_both("text", question.text),
                "answers": [
                    {"value": answer.value, **_both("name", answer.name)}
                    for answer in questionnaire.scales[question.scale].answers
                ],
            }
            for question in questionnaire.questions
        ],
    }


def cell_name(questionnaire: Questionnaire, stratum: str) -> str:
    """The names of a cell, as people read them."""
    return " · ".join(name.vi for name in questionnaire.cells[stratum])


def quota(
    of: Survey, questionnaire: Questionnaire, unit: tuple[str, str | None], stratum: str, ballots: int
) -> dict[str, Any]:
    """A cell of a unit with what is in it and what is wanted."""
    wanted = questionnaire.sample.quota
    return {
        "unit": unit[0],
        "unit_name": unit[1],
        "stratum": stratum,
        "stratum_name": cell_name(questionnaire, stratum),
        "quota": wanted,
        "ballots": ballots,
        "missing": max(0, wanted - ballots),
        "people": of.populations[unit[0]][stratum] if of.populations else None,
    }


def result(one: Result, unit_name: str | None) -> dict[str, Any]:
    """A factor or a question of a unit."""
    sums = one.sums
    asked = sums if one.factor is not None else None
    share = _shown(Fraction(asked.y, asked.x)) if asked and asked.x else None
    return {
        **{name: getattr(one, name) for name in ("unit", "factor", "question", "ballots", "quota", "counts")},
        "unit_name": unit_name,
        **_both("name", one.name),
        "shown": sums is not None,
        "answering": sums.answering if sums else None,
        "answers": sums.x if sums else None,
        "satisfied": asked.y if asked else None,
        "share": share,
        "low": _shown(one.plain.low) if one.plain else None,
        "high": _shown(one.plain.high) if one.plain else None,
        "weighted": {name: _shown(end) for name, end in one.weighted._asdict().items()} if one.weighted else None,
        "below_quota": one.ballots < one.quota,
    }


def results_head(of: Survey, questionnaire: Questionnaire) -> dict[str, Any]:
    """What is said of all results together."""
    return {
        "survey": of.code,
        "questionnaire": of.questionnaire,
        "version": of.version,
        "template": questionnaire.template,
        **_both("notice", questionnaire.notice),
        "period": of.period,
        "smallest_group": questionnaire.smallest_group.ballots,
    }


def _shown(share: float | Fraction) -> float:
    return float(rounded(Fraction(share), PLACES))


def _both(name: str, text: Text | None) -> dict[str, str | None]:
    """A text in Vietnamese under its name, and in English beside it."""
    return {name: text.vi if text else None, f"{name}_en": text.en if text else None}

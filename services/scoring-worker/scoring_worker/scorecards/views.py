"""A unit's card as a reader sees it."""

from collections.abc import Iterable

from scoring_worker.ledger.domain import Json
from scoring_worker.scorecards.schemas import (
    FormerFinding,
    Scorecard,
    ScorecardCriterion,
    ScorecardEntry,
    ScorecardLine,
    ScorecardSheet,
)
from scoring_worker.seasons.domain import (
    NOTHING,
    ByCriterion,
    Member,
    Newest,
    Season,
    Step,
    is_asked,
    is_pending,
    remedy,
)
from scoring_worker.seasons.views import proposed_task


def card(
    season: Season,
    member: Member,
    unit: Json,
    said: ByCriterion,
    former: Iterable[FormerFinding],
    possible: Iterable[Step],
) -> Scorecard:
    """`unit` is how it stands, or as it was published."""
    return Scorecard.model_validate(
        {
            **unit,
            "season": season.code,
            "stage": season.status,
            "criteria": [_criterion(season, member, row, said) for row in unit["criteria"]],
            "former_findings": list(former),
            "possible": list(possible),
            "version": member.version,
        }
    )


def _criterion(season: Season, member: Member, row: Json, of_unit: ByCriterion) -> ScorecardCriterion:
    said = of_unit.get(row["criterion"], NOTHING)
    return ScorecardCriterion.model_validate(
        {
            **row,
            "appraiser": season.appraiser(row["field"], member.unit),
            "explanation_asked": is_asked(said),
            "objection_pending": is_pending(said),
            "said": [ScorecardEntry.of(said[step]) for step in Step if step in said],
            "proposed_task": proposed_task(row) if row["finding"] else None,
        }
    )


def _answered(said: Newest) -> dict[str, str | bool | None]:
    mended = remedy(said)
    return {**mended._asdict(), "complete": mended.is_complete}


def former_findings(season: Season, unit: Json, said: ByCriterion) -> list[FormerFinding]:
    """What of a published unit is to be mended, and what the unit said of it."""
    return [
        FormerFinding.model_validate(
            {
                **{name: row[name] for name in ("criterion", "name", "points", "max")},
                "season": season.code,
                "period": season.period,
                **_answered(said.get(row["criterion"], NOTHING)),
            }
        )
        for row in unit["criteria"]
        if row["finding"]
    ]


def sheet(of: Scorecard) -> ScorecardSheet:
    """A card as people read it on a sheet."""
    former = {each.criterion: each for each in of.former_findings}
    about = {"season": of.season, "unit": of.unit, "unit_name": of.name}
    lines = [
        {**each.model_dump(exclude={"said"}), "former": former.pop(each.criterion, None), **about}
        for each in of.criteria
    ]
    nothing = dict.fromkeys(ScorecardLine.model_fields)
    lines += [
        {**nothing, "criterion": each.criterion, "name": each.name, "former": each, **about} for each in former.values()
    ]
    return ScorecardSheet.model_validate({"items": lines})

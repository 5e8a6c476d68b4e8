"""How the units of a season stand: what was entered, over what the rules of the set give.

A unit is shown in one form everywhere, with exact numbers as texts: on its own card, in results, and as it is
published. What is read of a published season is the published document, in the same form.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.catalogue.edition import Edition
from scoring_worker.index_sets.domain import Criterion, Field
from scoring_worker.index_sets.leaf import Points
from scoring_worker.ledger import repository as ledger
from scoring_worker.ledger.domain import Json
from scoring_worker.ledger.repository import StoredLink
from scoring_worker.periods import parse
from scoring_worker.scores import picture
from scoring_worker.scores.picture import Picture, RankedScore
from scoring_worker.seasons import repository
from scoring_worker.seasons.domain import (
    NOTHING,
    ByCriterion,
    Member,
    Newest,
    Season,
    Step,
    given,
    is_finding,
    newest,
    points_given,
)
from scoring_worker.units.domain import Unit

SHOWN: Final = (Step.SELF_SCORE, Step.APPRAISAL_1, Step.APPRAISAL_2, Step.COUNCIL, Step.RULING)


@dataclass(frozen=True, slots=True)
class Standing:
    """The units of a season at an instant. `ruled` has the points of the set's rules, `held` those that hold."""

    season: Season
    edition: Edition
    ruled: Picture
    held: Picture
    said: Mapping[str, ByCriterion]
    alone: bool
    """Only one unit was looked at: it has no rank."""

    async def units(self) -> list[Json]:
        """Every unit as it is shown and published, by code. It takes a city seconds: others are answered meanwhile."""
        return await asyncio.to_thread(self._units)

    def _units(self) -> list[Json]:
        return [self._unit(one) for one in sorted(self.held.ranked(), key=lambda one: one.code)]

    def _unit(self, one: RankedScore) -> Json:
        code, score = one.code, one.score
        ruled = self.edition.evaluator.results(self.ruled.subject(code))
        held = self.edition.evaluator.results(self.held.subject(code))
        said = self.said.get(code, {})
        return {
            "unit": code,
            "name": one.unit.name if one.unit else code,
            "kind": one.kind,
            "total": _text(score.total),
            "max": _text(score.max),
            "percent": _text(score.percent),
            "coverage": _text(score.coverage),
            "rank": None if self.alone else one.rank,
            "band": one.band.code if one.band else None,
            "fields": [
                {"code": each.code, "score": _text(each.score), "max": _text(each.max)} for each in score.fields
            ],
            "criteria": [
                self._row(
                    part, criterion, ruled[criterion.code], held[criterion.code], said.get(criterion.code, NOTHING)
                )
                for part, criterion in placed(self.edition)
            ],
        }

    def _row(self, part: Field, criterion: Criterion, ruled: Points, held: Points, said: Newest) -> Json:
        maximum = ruled.applies if ruled.state != "not_applicable" else ruled.counted
        points, origin = points_given(said)
        by_step = {step.value: _text(said[step].points) if step in said else None for step in SHOWN}
        return {
            "criterion": criterion.code,
            "name": criterion.name.vi,
            "name_en": criterion.name.en,
            "field": part.code,
            "max": _text(maximum),
            "state": held.state,
            "calculated": _text(ruled.score),
            **by_step,
            "points": _text(held.score),
            "origin": origin if points is not None or held.score is not None else None,
            # No bonus is no failing, and few points of a penalty are good.
            "finding": part.adds == "points"
            and held.state != "not_applicable"
            and is_finding(held.score, maximum, self.season.findings_below),
        }


def placed(edition: Edition) -> list[tuple[Field, Criterion]]:
    """Every criterion with a rule, with its field."""
    return [
        (part, leaf)
        for part in edition.document.index_set.fields
        for criterion in part.criteria
        for leaf in criterion.leaves()
    ]


async def load(
    conn: AsyncConnection, catalogue: Catalogue, season: Season, now: datetime, member: Member | None = None
) -> Standing:
    """How all units of a season stand, or one of them."""
    edition = await edition_of(conn, catalogue, season)
    counted = season.counted_at(now)
    seen = await picture.load(
        conn,
        edition,
        parse(season.period),
        now=now,
        as_of=counted,
        known_at=counted,
        unit=None if member is None else member.unit,
        whole=member is None,
    )
    members = await repository.members(conn, season) if member is None else [member]
    said = newest(await repository.entries(conn, season, None if member is None else member.unit))
    holders = {each.unit: Unit(each.unit, each.name, each.kind, date.min, None) for each in members}
    ruled = replace(seen, holders=holders, stored={}, changed=frozenset(holders))
    held = replace(ruled, given={unit: given(of_unit) for unit, of_unit in said.items()})
    return Standing(season, edition, ruled, held, said, alone=member is not None)


async def edition_of(conn: AsyncConnection, catalogue: Catalogue, season: Season) -> Edition:
    """The version of the set that the season pins. Versions are never removed."""
    await catalogue.refresh(conn)
    edition = catalogue.version(season.set_code, season.set_version, parse(season.period))
    assert edition is not None  # noqa: S101 - it was there when the season opened
    return edition


async def units(conn: AsyncConnection, catalogue: Catalogue, season: Season, now: datetime) -> list[Json]:
    """Every unit as it stands; of a published season, as it is published, without its criteria."""
    link = await published(conn, season)
    if link is not None:
        return await ledger.headings(conn, link)
    return await (await load(conn, catalogue, season, now)).units()


async def unit(conn: AsyncConnection, catalogue: Catalogue, season: Season, now: datetime, member: Member) -> Json:
    """One unit as it stands, without a rank; of a published season, as it is published."""
    link = await published(conn, season)
    found = None if link is None else await ledger.part(conn, link, member.unit)
    if found is None:
        [found] = await (await load(conn, catalogue, season, now, member)).units()
    return found


async def published(conn: AsyncConnection, season: Season) -> StoredLink | None:
    """The newest link of a season."""
    return None if season.published_at is None else (await ledger.of_season(conn, season.code))[-1]


def _text(number: Decimal | None) -> str | None:
    return None if number is None else format(number, "f")

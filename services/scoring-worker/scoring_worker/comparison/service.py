"""Use cases of comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.problems import Problem, invalid, not_found
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.catalogue.edition import Edition
from scoring_worker.comparison.domain import Pair, compared, of_card, of_tree
from scoring_worker.comparison.problems import SEASON_NOT_PUBLISHED
from scoring_worker.index_sets.evaluation import Node
from scoring_worker.ledger import repository as ledger
from scoring_worker.ledger.domain import Json
from scoring_worker.ledger.repository import StoredLink
from scoring_worker.periods import Period
from scoring_worker.scores import picture
from scoring_worker.scores.picture import RankedScore
from scoring_worker.seasons import repository as seasons
from scoring_worker.seasons import standing
from scoring_worker.seasons.domain import ByCriterion, Season, newest


class Scored(NamedTuple):
    """A unit in a period, with where its score comes from."""

    edition: Edition
    period: Period
    score: RankedScore
    tree: Sequence[Node]


class Compared(NamedTuple):
    first: Scored
    second: Scored
    pairs: list[Pair]


class Published(NamedTuple):
    """A unit's part of a season, as its newest link has it. `said` has what the unit said of its findings since."""

    season: Season
    edition: Edition
    link: StoredLink
    part: Json
    said: ByCriterion


class ComparedSeasons(NamedTuple):
    first: Published
    second: Published
    pairs: list[Pair]


@dataclass(frozen=True)
class Comparisons:
    """Both sides are read from one snapshot of the database."""

    reading: AsyncEngine
    clock: Clock
    catalogue: Catalogue = field(default_factory=Catalogue)

    async def compare(self, set_code: str, first: tuple[str, Period], second: tuple[str, Period]) -> Compared:
        """Two units, each in a period, as they are scored now. Raises 404 problems."""
        async with self._snapshot().connect() as conn:
            await self.catalogue.refresh(conn)
            one, other = [await self._scored(conn, set_code, *each) for each in (first, second)]
        return Compared(one, other, compared(of_tree(one.tree), of_tree(other.tree)))

    async def compare_published(self, first: tuple[str, str], second: tuple[str, str]) -> ComparedSeasons:
        """Two units, each in a published season. Raises 404 problems, 409 for a season that is not published, and 422
        for seasons of two index sets."""
        async with self._snapshot().connect() as conn:
            one, other = [await self._published(conn, *each) for each in (first, second)]
        if one.season.set_code != other.season.set_code:
            vi, en = "là đợt của bộ chỉ số khác", "is a season of another index set"
            raise invalid([FieldError("query.with_season", vi, en)])
        return ComparedSeasons(one, other, compared(of_card(one.part["criteria"]), of_card(other.part["criteria"])))

    async def _scored(self, conn: AsyncConnection, set_code: str, unit: str, period: Period) -> Scored:
        edition = self.catalogue.find(set_code, period)
        if edition is None:
            raise not_found("bộ chỉ số", "the index set")
        now = self.clock.now()
        seen = await picture.load(conn, edition, period, now=now, as_of=None, known_at=None, unit=unit)
        score = seen.of(unit)
        if score is None:
            raise not_found("đơn vị", "the unit")
        return Scored(edition, period, score, seen.tree(unit))

    async def _published(self, conn: AsyncConnection, code: str, unit: str) -> Published:
        season = await seasons.get(conn, code)
        if season is None:
            raise not_found("đợt chấm điểm", "the season")
        link = await standing.published(conn, season)
        if link is None:
            stage = season.at(self.clock.now()).status
            raise Problem(SEASON_NOT_PUBLISHED, extra={"season": code, "state": stage})
        part = await ledger.part(conn, link, unit)
        if part is None:
            raise not_found("đơn vị trong đợt chấm điểm", "the unit in the season")
        edition = await standing.edition_of(conn, self.catalogue, season)
        said = newest(await seasons.entries(conn, season, unit)).get(unit, {})
        return Published(season, edition, link, part, said)

    def _snapshot(self) -> AsyncEngine:
        return self.reading.execution_options(isolation_level="REPEATABLE READ")

"""Use cases of surveys: opened by the board, answered by citizens and devices, sealed by the worker."""

import asyncio
import hashlib
import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.paging import decode_cursor, encode_cursor, invalid_cursor
from cchc_shared.http.problems import Problem, not_found
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.counts.repository import Locks
from scoring_worker.periods import parse
from scoring_worker.questionnaires import repository as questionnaires
from scoring_worker.questionnaires.domain import Questionnaire
from scoring_worker.scoring import recompute
from scoring_worker.surveys import domain, repository, views
from scoring_worker.surveys.domain import Ballots, Cell, Survey
from scoring_worker.surveys.estimates import CONFIDENCE
from scoring_worker.surveys.problems import (
    SURVEY_CLOSED,
    SURVEY_CODE_TAKEN,
    SURVEY_NOT_OPEN,
    SURVEY_UNDER_WAY,
    SURVEY_WITHDRAWN,
    TOKEN_UNKNOWN,
    TOKEN_USED,
)
from scoring_worker.surveys.schemas import (
    BallotIn,
    BallotPaper,
    BallotTaken,
    SurveyHead,
    SurveyIn,
    SurveyLink,
    SurveyLinksIn,
    SurveyLinksMade,
    SurveyOut,
    SurveyPage,
    SurveyQuotaOut,
    SurveyQuotaPage,
    SurveyResponseIn,
    SurveyResponseProblem,
    SurveyResponseResult,
    SurveyResultOut,
    SurveyResultPage,
)
from scoring_worker.units import repository as units_repository
from scoring_worker.units.domain import holder

TOKEN_BYTES: Final = 16


class Known(NamedTuple):
    """A survey with its questionnaire."""

    survey: Survey
    questionnaire: Questionnaire


@dataclass(frozen=True)
class Surveys:
    """A survey is not changed once it was opened; one that was a mistake is withdrawn. No answer is ever stored beside
    what leads to a person."""

    engine: AsyncEngine
    clock: Clock
    catalogue: Catalogue = field(default_factory=Catalogue)
    locks: Locks = field(default_factory=Locks)
    read: dict[tuple[str, str], Questionnaire] = field(default_factory=dict)
    """Versions of questionnaires, which never change: each is read once by a process."""

    async def open(self, given: SurveyIn, by: str) -> SurveyOut:
        """A new survey. Raises 409 and 422 problems."""
        now = self.clock.now()
        if given.closes_at <= max(now, given.opens_at):
            raise RuleBroken(
                "closes_at", "phải sau lúc bắt đầu và sau bây giờ", "must be after its opening and in future"
            )
        populations: dict[str, dict[str, int]] = {}
        for each in given.populations:
            populations.setdefault(each.unit, {})[each.stratum] = each.people
        told = given.model_dump(exclude={"populations", "units"})
        new = Survey(**told, units=tuple(dict.fromkeys(given.units)), populations=populations)
        async with self.engine.begin() as conn:
            questionnaire = await self._questionnaire(conn, given.questionnaire, given.version)
            await self._check_units(conn, new)
            await self.catalogue.refresh(conn)
            sets = [edition.document.index_set for edition in self.catalogue.newest()]
            domain.check_fed(questionnaire, {code: of for each in sets for code, of in each.indicators.items()})
            rows = [(each.unit, each.stratum, each.people) for each in given.populations]
            domain.check_populations(new.units, questionnaire, rows)
            await repository.set_aside(conn, new.code)
            if not await repository.add(conn, new, by, now):
                raise Problem(SURVEY_CODE_TAKEN)
        return SurveyOut(**views.survey(new, questionnaire, {"ballots": 0, "links": 0, "links_used": 0}, now))

    async def get(self, code: str) -> SurveyOut:
        """A survey with how far it has come. Raises a 404 problem."""
        async with self.engine.connect() as conn:
            return await self._shown(conn, await self._known(conn, code))

    async def withdraw(self, code: str, reason: str, by: str) -> SurveyOut:
        """Take back a survey that is not over: its links and what was answered are deleted. Raises 404 and 409."""
        async with self.engine.begin() as conn:
            of = (await self._held(conn, code, alone=True)).survey
            now = self.clock.now()
            if not of.may_be_withdrawn(now):
                raise _over(of)
            ballots = sum((await repository.numbers(conn, code)).values())
            await repository.withdraw(conn, code, by=by, reason=reason, ballots=ballots, now=now)
            return await self._shown(conn, await self._known(conn, code))

    async def page(self, cursor: str | None, limit: int) -> SurveyPage:
        """Surveys by code."""
        after = decode_cursor(cursor, str)[0] if cursor else ""
        now = self.clock.now()
        async with self.engine.connect() as conn:
            found = await repository.page(conn, after, limit + 1)
        items = [SurveyHead(**views.head(each, now)) for each in found[:limit]]
        return SurveyPage(items=items, next_cursor=encode_cursor(items[-1].code) if len(found) > limit else None)

    async def make_links(self, code: str, wish: SurveyLinksIn) -> SurveyLinksMade:
        """New tokens of a cell. They can be made before the survey opens. Raises 404, 409 and 422 problems."""
        tokens = [secrets.token_urlsafe(TOKEN_BYTES) for _ in range(wish.number)]
        async with self.engine.begin() as conn:
            known = await self._held(conn, code, alone=False)
            if known.survey.state(self.clock.now()) in {"closed", "withdrawn"}:
                raise _over(known.survey)
            domain.check_place(*known, wish.unit, wish.stratum)
            await repository.add_tokens(conn, code, (wish.unit, wish.stratum), [digest(token) for token in tokens])
        links = [SurveyLink(token=token, path=f"/v1/surveys/{code}/ballot?token={token}") for token in tokens]
        return SurveyLinksMade(survey=code, unit=wish.unit, stratum=wish.stratum, items=links)

    async def paper(self, code: str, token: str) -> BallotPaper:
        """What the holder of a token is asked. Raises 404 and 409 problems, one for each state of a token."""
        now = self.clock.now()
        async with self.engine.connect() as conn:
            known = await self._known(conn, code)
            self._check_open(known.survey, now)
            unit, stratum = await self._unused(conn, code, token)
            names = await self._names(conn, known.survey, [unit])
        return BallotPaper(**views.paper(*known, (unit, names.get(unit)), stratum))

    async def cast(self, code: str, given: BallotIn) -> BallotTaken:
        """Take the ballot of a token. Of two at the same moment one is taken. Raises 404, 409 and 422 problems."""
        async with self.engine.begin() as conn:
            known = await self._open(conn, code)
            answers = domain.ballot(given.answers, known.questionnaire)
            cell = await repository.use_token(conn, code, digest(given.token))
            if cell is None:
                await self._unused(conn, code, given.token)
                raise Problem(TOKEN_USED)
            await repository.drop_in(conn, code, [Ballots(*cell, answers, 1)])
        return BallotTaken(survey=code)

    async def take(self, code: str, items: Sequence[SurveyResponseIn], sender: Principal) -> list[SurveyResponseResult]:
        """Take ballots that a system collected; what is wrong with one keeps no other out. Raises 404 and 409."""
        results: dict[int, SurveyResponseResult] = {}
        async with self.engine.begin() as conn:
            known = await self._open(conn, code)
            sound: dict[int, tuple[bytes, Cell, str]] = {}
            for index, item in enumerate(items):
                try:
                    if not sender.may_speak_of(item.unit):
                        raise RuleBroken(
                            "unit",
                            "ngoài phạm vi được cấp cho hệ thống kết nối",
                            "is beyond the scope of the connected system",
                        )
                    domain.check_place(*known, item.unit, item.stratum)
                    answers = domain.ballot(item.answers, known.questionnaire)
                    sound[index] = digest(f"{sender.sub}\n{item.id}"), (item.unit, item.stratum), answers
                except RuleBroken as error:
                    problem = SurveyResponseProblem(
                        field=error.field, message=error.message.vi, message_en=error.message.en
                    )
                    results[index] = SurveyResponseResult(index=index, id=item.id, status="rejected", problem=problem)
            new = await repository.add_receipts(conn, code, {receipt for receipt, _, _ in sound.values()})
            box = Counter[tuple[str, str, str]]()
            for index, (receipt, cell, answers) in sound.items():
                accepted = receipt in new
                new.discard(receipt)  # the same id a second time in one call
                box[*cell, answers] += accepted
                status = "accepted" if accepted else "duplicate"
                results[index] = SurveyResponseResult(index=index, id=items[index].id, status=status, problem=None)
            await repository.drop_in(conn, code, [Ballots(*key, number) for key, number in box.items() if number])
        return [results[index] for index in range(len(items))]

    async def quotas(self, code: str, cursor: str | None, limit: int) -> SurveyQuotaPage:
        """Each cell of each unit: what is wanted and what is there. It says nothing of answers. Raises 404."""
        start = _start(cursor)
        async with self.engine.connect() as conn:
            of, questionnaire = await self._known(conn, code)
            cells = [(unit, stratum) for unit in of.units for stratum in questionnaire.cells]
            there = await repository.numbers(conn, code)
            names = await self._names(conn, of, of.units)
        items = [
            SurveyQuotaOut(**views.quota(of, questionnaire, (unit, names.get(unit)), cell, there.get((unit, cell), 0)))
            for unit, cell in cells[start : start + limit]
        ]
        after = encode_cursor(start + limit) if start + limit < len(cells) else None
        return SurveyQuotaPage(survey=code, state=of.state(self.clock.now()), items=items, next_cursor=after)

    async def results(self, code: str, unit: str | None, cursor: str | None, limit: int) -> SurveyResultPage:
        """What the ballots say, once the survey is over: between two looks the ballot of one person could be told.

        Raises 404, 409 and 422 problems.
        """
        start = _start(cursor)
        async with self.engine.connect() as conn:
            of, questionnaire = await self._known(conn, code)
            state = of.state(self.clock.now())
            if state == "withdrawn":
                raise _over(of)
            if state != "closed":
                raise Problem(SURVEY_UNDER_WAY, extra={"closes_at": of.closes_at.isoformat()})
            units = [each for each in of.units if unit in {None, each}]
            each_has = domain.rows_of_unit(questionnaire)
            shown = units[start // each_has : (start + limit - 1) // each_has + 1]
            box = await repository.ballots(conn, code, shown)
            names = await self._names(conn, of, shown)
        found = await asyncio.to_thread(
            domain.all_results, of, questionnaire, shown, box
        )  # others are answered meanwhile
        rows = [SurveyResultOut(**views.result(row, names.get(row.unit))) for row in found]
        skipped = start % each_has
        after = encode_cursor(start + limit) if start + limit < len(units) * each_has else None
        told = views.results_head(of, questionnaire)
        return SurveyResultPage(**told, confidence=CONFIDENCE, items=rows[skipped : skipped + limit], next_cursor=after)

    async def seal(self, conn: AsyncConnection, now: datetime) -> Survey | None:
        """Seal a survey that is over, if there is one: its numbers go into the scores, its tokens go for ever. The
        caller commits."""
        of = await repository.claim_over(conn, now)
        if of is None:
            return None
        await recompute.begin(conn, redefines=False)
        questionnaire = await self._questionnaire(conn, of.questionnaire, of.version)
        box = await repository.ballots(conn, of.code)
        if numbers := domain.entered(of, questionnaire, box):
            await recompute.enter(conn, self.catalogue, self.locks, numbers, f"survey:{of.code}", now)
        await repository.seal(conn, of.code, box, now)
        return of

    async def _shown(self, conn: AsyncConnection, known: Known) -> SurveyOut:
        of = known.survey
        if of.sealed_at is None:
            made, used = await repository.links(conn, of.code)
        else:
            made, used = of.links or 0, of.links_used or 0
        ballots = sum((await repository.numbers(conn, of.code)).values()) if of.ballots is None else of.ballots
        counts = {"ballots": ballots, "links": made, "links_used": used}
        return SurveyOut(**views.survey(*known, counts, self.clock.now()))

    async def _known(self, conn: AsyncConnection, code: str) -> Known:
        """A survey. Raises a 404 problem."""
        return await self._with_questionnaire(conn, await repository.find(conn, code))

    async def _held(self, conn: AsyncConnection, code: str, *, alone: bool) -> Known:
        """A survey that stays as it is until the transaction ends. Raises a 404 problem."""
        return await self._with_questionnaire(conn, await repository.hold(conn, code, alone=alone))

    async def _with_questionnaire(self, conn: AsyncConnection, of: Survey | None) -> Known:
        if of is None:
            raise not_found("đợt khảo sát", "the survey")
        return Known(of, await self._questionnaire(conn, of.questionnaire, of.version))

    async def _open(self, conn: AsyncConnection, code: str) -> Known:
        """A survey that is open, and stays so until the transaction ends. Raises 404 and 409 problems."""
        now = self.clock.now()
        of = await repository.hold_open(conn, code, now)
        if of is None:
            known = await self._known(conn, code)
            self._check_open(known.survey, now)
            raise _over(known.survey)
        return await self._with_questionnaire(conn, of)

    @staticmethod
    def _check_open(of: Survey, now: datetime) -> None:
        match of.state(now):
            case "planned":
                raise Problem(SURVEY_NOT_OPEN, extra={"opens_at": of.opens_at.isoformat()})
            case "closed" | "withdrawn":
                raise _over(of)

    @staticmethod
    async def _unused(conn: AsyncConnection, code: str, token: str) -> Cell:
        found = await repository.token(conn, code, digest(token))
        if found is None:
            raise Problem(TOKEN_UNKNOWN)
        cell, used = found
        if used:
            raise Problem(TOKEN_USED)
        return cell

    async def _questionnaire(self, conn: AsyncConnection, code: str, version: str) -> Questionnaire:
        known = self.read.get((code, version))
        if known is None:
            found = await questionnaires.find(conn, code, version)
            if found is None:
                raise RuleBroken("questionnaire", "không có phiếu khảo sát này", "is no questionnaire in this version")
            known = self.read[code, version] = found.document.questionnaire
        return known

    @staticmethod
    async def _check_units(conn: AsyncConnection, of: Survey) -> None:
        found = await units_repository.by_code(conn, of.units)
        for place, unit in enumerate(of.units):
            if holder(found.get(unit, ()), parse(of.period)) is None:
                raise RuleBroken(f"units.{place}", "không phải là đơn vị nào trong kỳ này", "is no unit in this period")

    @staticmethod
    async def _names(conn: AsyncConnection, of: Survey, units: Collection[str]) -> dict[str, str]:
        """The names that the units had in the period."""
        period = parse(of.period)
        found = await units_repository.by_code(conn, units)
        return {code: held.name for code, who in found.items() if (held := holder(who, period)) is not None}


def _over(of: Survey) -> Problem:
    """409: it takes no more ballots, because it is over or was withdrawn."""
    if of.withdrawn_at is not None:
        return Problem(SURVEY_WITHDRAWN, extra={"withdrawn_at": of.withdrawn_at.isoformat()})
    return Problem(SURVEY_CLOSED, extra={"closes_at": of.closes_at.isoformat()})


def _start(cursor: str | None) -> int:
    """The row with which a page begins. Raises a 422 problem."""
    start: int = decode_cursor(cursor, int)[0] if cursor else 0
    if start < 0:
        raise invalid_cursor()
    return start


def digest(secret: str) -> bytes:
    """What is kept of a token or of an id. A token has 128 random bits: no salt and no slow hash are needed."""
    return hashlib.sha256(secret.encode()).digest()

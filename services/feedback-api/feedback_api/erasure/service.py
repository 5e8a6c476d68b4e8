"""Erasing before the time has come, and what was erased."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import reply
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.storage.idempotency import Reply, once
from feedback_api.erasure import repository
from feedback_api.erasure.domain import Tombstone, missing
from feedback_api.erasure.problems import REPORT_NOT_ENDED
from feedback_api.erasure.rules import ErasureRules
from feedback_api.erasure.schemas import ErasureOut, Erasures
from feedback_api.reports.access import is_official
from feedback_api.reports.domain import ENDED, Erased
from feedback_api.reports.repository import load


@dataclass(frozen=True, slots=True)
class Erasure:
    """The use cases. An erasure is never undone; what is erased already is left as it is."""

    engine: AsyncEngine
    clock: Clock
    rules: ErasureRules

    async def on_request(
        self, code: str, caller: Principal, what: Erased, reason: str, *, key: str | None, digest: bytes
    ) -> Reply:
        """Erase before its time. Raises 404, 409 for a report that has not ended, and 422 for an unknown reason."""
        if reason not in self.rules.erasure_reasons.names:
            known = ", ".join(self.rules.erasure_reasons.names)
            raise RuleBroken("reason", f"phải là một trong: `{known}`", f"must be one of: {known}")

        async def work(conn: AsyncConnection) -> Reply:
            report = await load(conn, code, lock=True)
            if report is None:
                raise not_found("phản ánh này", "this report")
            if report.status not in ENDED:
                raise Problem(REPORT_NOT_ENDED, extra={"state": report.status})
            now = self.clock.now()
            for each in missing(report.erased, what):
                tombstone = Tombstone(what=each, at=now, reason=reason, actor=caller.sub)
                await repository.erase(conn, [code], tombstone)
            return reply(200, _shown(code, await repository.tombstones(conn, code)))

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def of(self, code: str, caller: Principal) -> Erasures:
        """What was erased of a report, for officials who may read it and for operators. Raises a 404 problem."""
        async with self.engine.connect() as conn:
            report = await load(conn, code)
            if report is None or not (caller.has(Role.OPERATOR) or is_official(caller, report)):
                raise not_found("phản ánh này", "this report")
            return _shown(code, await repository.tombstones(conn, code))


def _shown(code: str, tombstones: Sequence[Tombstone]) -> Erasures:
    return Erasures(code=code, items=[ErasureOut.model_validate(each) for each in tombstones])

"""Many reports in one request. Each is taken in as in a request of its own; the writer's groups join them."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from pydantic import ValidationError

from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import field_error
from cchc_shared.http.language import language_of
from cchc_shared.http.problems import Problem, as_problem, invalid
from cchc_shared.http.schemas import ProblemDocument
from cchc_shared.service.database_problems import EXPLANATIONS
from feedback_api.intake.acknowledgement import warned
from feedback_api.intake.domain import Request
from feedback_api.intake.problems import CHANNEL_REF_CONFLICT
from feedback_api.intake.schemas import BatchItemIn, BatchResult, BatchStatus
from feedback_api.intake.service import Intake

AT_ONCE: Final = 100
"""Reports begun in one turn of the loop: so long everybody else waits. The writer joins as many as come."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The use case of a channel that sends what it gathered."""

    intake: Intake

    async def take(
        self, items: Sequence[BatchItemIn | ValidationError], caller: Principal, key: str | None, language: str | None
    ) -> list[BatchResult]:
        """A result for each item, in order. Nothing that happens to one changes what happens to another."""
        results: list[BatchResult] = []
        for start in range(0, len(items), AT_ONCE):
            begun = enumerate(items[start : start + AT_ONCE], start)
            results += await asyncio.gather(*(self._one(index, item, caller, key, language) for index, item in begun))
        return results

    async def _one(
        self,
        index: int,
        item: BatchItemIn | ValidationError,
        caller: Principal,
        key: str | None,
        accept_language: str | None,
    ) -> BatchResult:
        try:
            if isinstance(item, ValidationError):
                raise invalid([field_error(each) for each in item.errors()])
            own_key = item.key or (key and f"{key}#{index}")
            taken = await self.intake.take(item, caller, Request(caller.sub, own_key, _digest(item)))
        except Exception as error:  # noqa: BLE001 - what the others became must be said
            return _refused(index, as_problem(error, EXPLANATIONS), accept_language)
        said = taken.answer.acknowledgement
        return BatchResult(
            index=index,
            status=BatchStatus.ACCEPTED if taken.answer.status == 201 else BatchStatus.REPEATED,
            code=said.code,
            tracking_secret=taken.secret,
            warnings=warned(said.warnings, accept_language),
            problem=None,
        )


def _digest(item: BatchItemIn) -> bytes:
    """Of the report alone: an item with a key of its own is the same in every batch."""
    content = item.model_dump_json(exclude={"key"}, exclude_unset=True).encode()
    return hashlib.sha256(b"POST /v1/feedback/batch\n" + content).digest()


def _refused(index: int, problem: Problem, accept_language: str | None) -> BatchResult:
    place = f"body.items.{index}"
    fields = [f"{place}.{each.field.removeprefix('body').lstrip('.')}".rstrip(".") for each in problem.errors]
    errors = [replace(each, field=field, row=index) for each, field in zip(problem.errors, fields, strict=True)]
    document = replace(problem, errors=errors).document(language_of(accept_language))
    return BatchResult(
        index=index,
        status=BatchStatus.CONFLICT if problem.kind is CHANNEL_REF_CONFLICT else BatchStatus.REJECTED,
        code=problem.extra["report"] if problem.kind is CHANNEL_REF_CONFLICT else None,
        tracking_secret=None,
        warnings=[],
        problem=ProblemDocument.model_validate(msgspec.to_builtins(document)),
    )

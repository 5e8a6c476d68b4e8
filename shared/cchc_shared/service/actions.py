"""Routes of actions: one typed route for each, and one that takes the action on many things at once."""

import hashlib
import inspect
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator, create_model

from cchc_shared.http.document import may_answer
from cchc_shared.http.etag import IfMatch, SeenVersion
from cchc_shared.http.field_errors import field_error
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.http.language import AcceptLanguage, language_of
from cchc_shared.http.problems import Problem, as_problem, invalid, overloaded
from cchc_shared.http.schemas import In, Out, ProblemDocument, bounded
from cchc_shared.service.context import use
from cchc_shared.service.database_problems import EXPLANATIONS
from cchc_shared.service.workflow import NOT_PERMITTED, WRONG_STATE, Command
from cchc_shared.storage.idempotency import Reply

MOST_AT_ONCE = 200
SECONDS_AT_ONCE = 5.0
"""After that no further item is begun: each may wait for the database, and both the gateway and a stopping process wait
for an answer only so long."""
U = TypeVar("U")
B = TypeVar("B", bound=In)
Handler = Callable[[U, Command, B], Awaitable[Reply]]


class ActionIn(In):
    """The body of an action that takes no fields. It may be empty."""


class ActionResult(Out):
    """The result for one item: its new version, or the problem that refused it."""

    index: int = Field(description="Position of the item in the request, counted from 0")
    code: str | None = Field(description="Code of the item; null if the item could not be read")
    status: int = Field(description="The HTTP status that this item would have had in a request of its own")
    version: int | None
    problem: ProblemDocument | None


class ActionResults(Out):
    results: list[ActionResult]


class ActionRoutes:
    """Adds the routes of a resource's actions to its router.

    `resource` names the operations (`tasks.approve`, `tasks.approve_many`); `code` and `caller` annotate the path
    parameter and the caller; `service` is the use case that handlers are given; `shown` is the resource in the answer.
    Without `at_once` there are no routes for many things, as for people who have but one.
    """

    def __init__(
        self,
        router: APIRouter,
        *,
        resource: str,
        code: Any,
        caller: Any,
        service: type[U],
        shown: type[Out],
        at_once: bool = True,
    ) -> None:
        self._router = router
        self._resource = resource
        self._code = code
        self._caller = caller
        self._service: type[Any] = service
        self._shown = shown
        self._at_once = at_once

    def __call__(
        self, action: StrEnum, summary: str, body: type[B] | type[ActionIn] = ActionIn
    ) -> Callable[[Handler[Any, Any]], Handler[Any, Any]]:
        """Register a handler `(use case, command, body) → Reply` for an action; its docstring is the documentation."""

        def register(handler: Handler[Any, Any]) -> Handler[Any, Any]:
            self._add_one(action, summary, body, handler)
            if self._at_once:
                self._add_many(action, summary, body, handler)
            return handler

        return register

    def _add_one(self, action: StrEnum, summary: str, body: type[In], handler: Handler[Any, Any]) -> None:
        optional = not any(field.is_required() for field in body.model_fields.values())

        async def one(
            request: Request, service: Any, code: str, caller: Any, seen: SeenVersion, body_: In | None, key: str | None
        ) -> Response:
            command = Command(code, caller, seen, key, await request_digest(request))
            return respond(await handler(service, command, body() if body_ is None else body_))

        _annotate(
            one,
            request=Request,
            service=Annotated[self._service, use(self._service)],
            code=self._code,
            caller=self._caller,
            seen=IfMatch,
            body_=(body, None) if optional else body,  # not `| None`: generators would send what is absent
            key=(IdempotencyKey, None),
        )
        self._router.post(
            f"/{{code}}/actions/{action}",
            summary=summary,
            description=inspect.getdoc(handler) or "",
            response_model=self._shown,
            operation_id=f"{self._resource}.{action}",
            responses=may_answer(WRONG_STATE, NOT_PERMITTED),
        )(one)

    def _add_many(self, action: StrEnum, summary: str, body: type[In], handler: Handler[Any, Any]) -> None:
        name = f"{self._resource.title()}{''.join(part.title() for part in action.split('_'))}"
        item: Any = create_model(
            f"{name}Item",
            __base__=body,
            code=(Annotated[str, bounded(200, min_length=1)], ...),
            version=(int, Field(ge=1, lt=1 << 31, description="The version that the caller saw, as in If-Match")),
        )
        many: Any = create_model(
            f"{name}Many",
            __base__=In,
            items=(list[Annotated[item, WrapValidator(_read)]], Field(min_length=1, max_length=MOST_AT_ONCE)),
        )

        async def all_(
            request: Request, service: Any, caller: Any, body_: Any, key: str | None, language: str | None
        ) -> ActionResults:
            results, until = [], time.monotonic() + SECONDS_AT_ONCE
            for index, given in enumerate(body_.items):
                try:
                    if time.monotonic() > until:
                        raise overloaded()
                    if isinstance(given, ValidationError):
                        raise invalid([field_error(each) for each in given.errors()])
                    words = body.model_validate(given.model_dump(exclude={"code", "version"}, exclude_unset=True))
                    command = Command(
                        given.code,
                        caller,
                        SeenVersion.of(given.version),
                        key and f"{key}#{index}",
                        _digest(request, given),
                    )
                    answer = await handler(service, command, words)
                    results.append(_done(index, given.code, answer))
                except Exception as error:  # noqa: BLE001 - what went before is done, and must be told
                    problem = _placed(index, as_problem(error, EXPLANATIONS))
                    results.append(_refused(index, getattr(given, "code", None), problem, language_of(language)))
            return ActionResults(results=results)

        _annotate(
            all_,
            request=Request,
            service=Annotated[self._service, use(self._service)],
            caller=self._caller,
            body_=many,
            key=(IdempotencyKey, None),
            language=(AcceptLanguage, None),
        )
        self._router.post(
            f"/actions/{action}",
            summary=f"{summary} (bulk)",
            description="Acts on each item separately, in the order of the request. Each item has its own result.",
            response_model=ActionResults,
            operation_id=f"{self._resource}.{action}_many",
        )(all_)


def _annotate(route: Callable[..., Any], **parameters: Any) -> None:
    """Give a route the parameters that FastAPI reads: annotations, or pairs of annotation and default."""
    route.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=given[0] if isinstance(given, tuple) else given,
                default=given[1] if isinstance(given, tuple) else inspect.Parameter.empty,
            )
            for name, given in parameters.items()
        ]
    )


def _read(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """An item, or what is wrong with it: one bad item refuses nobody else's."""
    try:
        return validate(value)
    except ValidationError as error:
        return error


def _placed(index: int, problem: Problem) -> Problem:
    """The problem of one item, its fields named by their place in the whole request."""
    fields = [f"body.items.{index}.{each.field.removeprefix('body').lstrip('.')}" for each in problem.errors]
    errors = [
        replace(each, field=field.rstrip("."), row=index) for each, field in zip(problem.errors, fields, strict=True)
    ]
    return replace(problem, errors=errors)


def _digest(request: Request, item: In) -> bytes:
    content = item.model_dump_json().encode()
    return hashlib.sha256(f"{request.method} {request.scope['path']}\n".encode() + content).digest()


def _done(index: int, code: str, answer: Reply) -> ActionResult:
    version = int(answer.headers["ETag"].strip('"')) if "ETag" in answer.headers else None
    return ActionResult(index=index, code=code, status=answer.status, version=version, problem=None)


def _refused(index: int, code: str | None, problem: Problem, language: str) -> ActionResult:
    document = ProblemDocument.model_validate(msgspec.to_builtins(problem.document(language)))
    return ActionResult(index=index, code=code, status=problem.status, version=None, problem=document)

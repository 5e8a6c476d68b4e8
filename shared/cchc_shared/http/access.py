"""Access to routes. Every route declares its callers; an application with an undeclared route does not start."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.routing import iter_route_contexts
from fastapi.security.base import SecurityBase

from cchc_shared.contract.codes import Role
from cchc_shared.http import kinds
from cchc_shared.http.problems import Problem, out_of_scope
from cchc_shared.http.tokens import Principal, Tokens, unauthenticated

__all__ = [
    "Admits",
    "Declaration",
    "Principal",
    "allow",
    "check_scope",
    "declarations",
    "public",
    "require_declarations",
]


Admits = Callable[[Request, Principal, frozenset[Role]], Awaitable[None]]
"""A service's own look at a caller whom a route lets in by these roles. Raises a problem for whom it keeps out."""

_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)


class _Declared(SecurityBase):
    """The declaration of one route, at once documentation and check."""

    def __init__(self, roles: Iterable[Role], *, anonymous: bool) -> None:
        self.roles = frozenset(roles)
        self.anonymous = anonymous
        self.model = HTTPBearerModel(bearerFormat="JWT")
        self.scheme_name = "token"

    async def __call__(self, request: Request) -> Principal | None:
        given = request.headers.getlist("authorization")
        if not given:
            if self.anonymous:
                return None
            raise unauthenticated()
        # A broken header is never taken for none: its sender believes to be somebody.
        bearer = _BEARER.fullmatch(given[0])
        if len(given) > 1 or bearer is None:
            raise unauthenticated("Chỉ nhận một tiêu đề dạng Bearer <mã>.", "Only `Bearer <token>` is taken, once.")
        tokens: Tokens = request.app.state.tokens
        principal = await tokens.principal(bearer[1])
        if not self.anonymous and principal.roles.isdisjoint(self.roles):
            raise Problem(kinds.FORBIDDEN, extra={"roles": sorted(self.roles)})
        check_scope(principal, request.scope["route"])
        if admitted := principal.roles & self.roles:
            looks: Sequence[Admits] = getattr(request.app.state, "admits", ())
            for look in looks:
                await look(request, principal, admitted)
        return principal


def names_of(route: Any) -> tuple[str, ...]:
    """How a scope may name a route: its operation, as the contract has it, then its areas."""
    return (route.operation_id or ".".join([*route.tags[:1], route.name]), *route.tags)


def check_scope(caller: Principal, route: Any) -> None:
    """Raise 403 unless the route is within the caller's scope, though anyone may call it. Health is everybody's."""
    operation, *areas = names_of(route)
    if "health" not in areas and not caller.may_call(operation, *areas):
        raise out_of_scope(operation=operation)


def allow(*roles: Role) -> Any:
    """Only callers with one of these roles. Annotates a parameter of type `Principal`."""
    if not roles:
        raise ValueError("name the roles, or declare the route public()")
    return Depends(_Declared(roles, anonymous=False))


def public() -> Any:
    """Anyone; a token is checked and honoured when there is one. Annotates `Principal | None`."""
    return Depends(_Declared((), anonymous=True))


@dataclass(frozen=True, slots=True)
class Declaration:
    """The declaration of one route about its callers; `roles` is None if the route has none."""

    method: str
    path: str
    roles: frozenset[Role] | None
    anonymous: bool


def declarations(app: FastAPI) -> Iterator[Declaration]:
    """Every operation of the application with its declaration."""
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        found = None if dependant is None else declaration(dependant)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield Declaration(
                method,
                route.path or "",
                None if found is None else found.roles,
                found is not None and found.anonymous,
            )


def declaration(dependant: Any) -> _Declared | None:
    """The declaration among the dependencies of a route."""
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, _Declared):
            return dependency.call
        nested = declaration(dependency)
        if nested is not None:
            return nested
    return None


def require_declarations(app: FastAPI) -> None:
    """Raise `RuntimeError` if a route does not say who may call it."""
    silent = [f"{found.method} {found.path}" for found in declarations(app) if found.roles is None]
    if silent:
        raise RuntimeError(f"routes without a declaration of who may call them: {', '.join(silent)}")

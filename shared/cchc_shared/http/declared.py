"""Refuses parameters, form fields and media types that a route does not declare."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from cchc_shared.http.access import declaration
from cchc_shared.http.field_errors import FieldError, field_path
from cchc_shared.http.foreign import foreign_endpoints
from cchc_shared.http.problems import invalid, unsupported_media_type
from cchc_shared.http.text import query_pairs

JSON: Final = "application/json"
FORM: Final = "multipart/form-data"
_ONCE: Final = ("chỉ được gửi một lần", "may be given only once")


@dataclass(frozen=True, slots=True)
class Declared:
    """The request that one route describes."""

    query: frozenset[str] | None
    """Names of its parameters; None where others are ignored."""
    media: str | None
    """Media type of the body, None where there is none."""
    vary: bytes
    """Request headers on which the answer depends."""


Declarations = Mapping[Callable[..., Any], Declared]
"""By the function that answers, which the router leaves in `scope["endpoint"]`."""


def declared(app: FastAPI) -> Declarations:
    """What every route of the application declares."""
    found = {}
    foreign = {route.endpoint for route in foreign_endpoints(app.routes)}
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        if dependant is not None and route.endpoint is not None:
            body = route.body_field
            found[route.endpoint] = Declared(
                query=None if route.endpoint in foreign else frozenset(_names(dependant, "query_params")),
                media=None if body is None else body.field_info.media_type,
                vary=", ".join(_vary(dependant)).encode("ascii"),
            )
    return found


async def only_declared(request: Request) -> None:
    """Refuse what the route does not declare. A misspelt filter would otherwise answer another question."""
    route: Declared = request.app.state.declared[request.scope["endpoint"]]
    if route.query is not None and (query := request.scope["query_string"]):
        errors = list(_objections(query, route.query))
        if errors:
            raise invalid(errors)
    if route.media is not None and _has_body(request):
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given != route.media and not (route.media == JSON and given.startswith("application/") and "+json" in given):
            raise unsupported_media_type(route.media)
    if route.media == FORM:
        times = Counter(name for name, _ in (await request.form()).multi_items())
        repeated = [FieldError(field_path("body", name), *_ONCE) for name, count in times.items() if count > 1]
        if repeated:
            raise invalid(repeated)


def _objections(query: bytes, names: frozenset[str]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for name, value in query_pairs(query):
        field = field_path("query", name)
        if name not in names:
            yield FieldError(field, "tham số không có trong hợp đồng", "is not a known parameter")
        elif name in seen:
            yield FieldError(field, *_ONCE)
        elif not value:
            yield FieldError(field, "để trống; bỏ tham số nếu không dùng", "is empty; leave it out if it is not meant")
        elif "\0" in value:
            yield FieldError(field, "có ký tự NUL", "has a NUL character")
        elif any("\ud800" <= character <= "\udfff" for character in value):
            yield FieldError(field, "không phải UTF-8 hợp lệ", "is not valid UTF-8")
        seen.add(name)


def _vary(dependant: Any) -> Iterator[str]:
    headers = set(_names(dependant, "header_params"))
    access = declaration(dependant)
    # An open route without a secret answers everyone alike.
    if (access is not None and not access.anonymous) or "X-Tracking-Secret" in headers:
        yield "Authorization"
    yield from sorted(headers & {"X-Tracking-Secret", "Accept-Language"})


def _has_body(request: Request) -> bool:
    headers = request.headers
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _names(dependant: Any, place: str) -> Iterator[str]:
    """Parameters of one place, those of dependencies included; a model stands for its fields."""
    for field in getattr(dependant, place):
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, each in model.model_fields.items():
                yield each.alias or name
        else:
            yield field.alias
    for dependency in dependant.dependencies:
        yield from _names(dependency, place)

"""Routes of a protocol that others defined. Their clients send what they send elsewhere, and read its own errors."""

from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.responses import Response
from starlette.routing import BaseRoute


class ForeignRoute(APIRoute):
    """A route whose undeclared parameters are ignored, and whose contract lists its own errors instead of problems.

    Empty parameters are left to the route. Errors raised before any route stay problem documents.
    """

    def refusal(self, request: Request, error: Exception) -> Response:
        """What an error is answered with, the unforeseen ones included."""
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:  # noqa: BLE001 - what the protocol's clients could not read must not leave here
                return self.refusal(request, error)

        return answer


def foreign_endpoints(routes: Iterable[BaseRoute]) -> Iterator[Any]:
    """The contexts of those among the routes that are foreign."""
    return (route for route in iter_route_contexts(list(routes)) if isinstance(route.original_route, ForeignRoute))

"""Where a key comes in: it is taken out of the request, and its token goes on in its place."""

from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from cchc_shared.http.middleware import PROBES
from cchc_shared.http.problems import Problem
from cchc_shared.identity.api_keys import ApiKey, KeyKind, read_key
from gateway.api_keys import problems
from gateway.api_keys.exchange import Exchange, Standing
from gateway.limits.callers import Callers

OPENED: Final = "gateway.opened"
"""In the scope of a request whose key opened nothing here: the problem that says why; or the token of a test key, which
goes to another installation."""
Opened = Problem | str | None

_KEY: Final = b"x-api-key"
_TOKEN: Final = b"authorization"
_BEARER: Final = b"bearer "


class KeySwap:
    """`tests`: there is an installation for test keys. `callers` tell addresses that send made-up keys, if limits are
    set."""

    def __init__(self, exchange: Exchange, callers: Callers | None, *, tests: bool) -> None:
        self._exchange = exchange
        self._callers = callers
        self._tests = tests

    def at_once(self, scope: Scope, given: dict[bytes, bytes]) -> bool:
        """Exchange the key of a plain request, in its scope and among its headers `given` by name. False: the layer is
        to do it, as something has to be asked or said."""
        if not _has_key(given):
            return True
        key = _only(scope)
        standing = None if key is None or key.kind is KeyKind.TEST else self._exchange.at_once(key)
        if standing is None or standing.token is None:
            return False
        _go_on(scope, standing.token)
        given.pop(_KEY, None)
        given[_TOKEN] = _bearer(standing.token)
        return True

    async def enter(self, scope: Scope) -> None:
        """Take the key out, and put its token in its place or say in the scope what becomes of the request."""
        if not _has_key(dict(scope["headers"])):
            return
        try:
            key = self._key(scope)
            token = await self._token(scope, key)
        except Problem as problem:
            scope[OPENED] = problem
        else:
            if key.kind is KeyKind.LIVE:
                _go_on(scope, token)
                return
            scope[OPENED] = token
        scope["headers"] = _without(scope)

    def _key(self, scope: Scope) -> ApiKey:
        if len(_sent(scope)) > 1:
            raise problems.refused(problems.TWICE)
        key = _only(scope)
        if key is None:
            raise problems.refused(problems.NO_KEY)
        if key.kind is KeyKind.TEST and not self._tests:
            raise Problem(problems.TEST_KEYS_NOT_HERE)
        return key

    async def _token(self, scope: Scope, key: ApiKey) -> str:
        standing: Standing | None = self._exchange.at_once(key)
        if standing is None:
            if self._callers is not None and self._callers.doubts(scope):
                raise problems.refused(problems.DOUBTED)
            standing = await self._exchange.of(key)
            if standing.token is None and self._callers is not None:
                self._callers.was_wrong(scope)
        if standing.token is None:
            raise problems.refused(problems.REASONS.get(standing.refused, problems.REASONS["unknown"]))
        return standing.token


class ApiKeys:
    """The same as one ASGI layer, before limits: they count a key's request for its system. What is refused is told by
    the forwarder, so that it counts for the address that sent it."""

    def __init__(self, app: ASGIApp, swap: KeySwap) -> None:
        self._app = app
        self._swap = swap

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in PROBES:
            await self._swap.enter(scope)
        await self._app(scope, receive, send)


def with_token(scope: Scope, token: str) -> None:
    """Put a token into a request that has none."""
    scope["headers"] = [*scope["headers"], (_TOKEN, _bearer(token))]


def _has_key(given: Mapping[bytes, bytes]) -> bool:
    return _KEY in given or _after_bearer(given.get(_TOKEN, b"")).startswith(b"cchc_")


def _sent(scope: Scope) -> list[bytes]:
    """All that could say who calls."""
    return [value for name, value in scope["headers"] if name in {_KEY, _TOKEN}]


def _only(scope: Scope) -> ApiKey | None:
    """The key, if it is one and the only one."""
    sent = _sent(scope)
    if len(sent) != 1:
        return None
    text = _after_bearer(sent[0]) or sent[0].strip()
    return read_key(text.decode("latin-1"))


def _after_bearer(value: bytes) -> bytes:
    return value[len(_BEARER) :].strip() if value[: len(_BEARER)].lower() == _BEARER else b""


def _bearer(token: str) -> bytes:
    return b"Bearer " + token.encode("ascii")


def _go_on(scope: Scope, token: str) -> None:
    scope["headers"] = _without(scope)
    with_token(scope, token)


def _without(scope: Scope) -> list[tuple[bytes, bytes]]:
    return [each for each in scope["headers"] if each[0] not in {_KEY, _TOKEN}]

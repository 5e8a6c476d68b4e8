"""Where an issuer's keys come from: a JWK set (RFC 7517), at an address that is given or that the issuer publishes."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK, PyJWTError

from cchc_shared.identity.issuers import Issuer, is_loopback

SECONDS: Final = 3.0
LARGEST: Final = 256 * 1024
MOST_KEYS: Final = 100
LEAST_BITS: Final = 2048
"""Of an RSA key (NIST SP 800-131A)."""
FITS: Final[Mapping[str, tuple[str, str | None]]] = {
    "EdDSA": ("OKP", "Ed25519"),
    "ES256": ("EC", "P-256"),
    "PS256": ("RSA", None),
    "RS256": ("RSA", None),
}
"""Algorithm → `kty` and `crv` of a key for it."""

KeySet = Mapping[tuple[str, str], PyJWK]
"""Name of a key and algorithm → the key, prepared for it."""


class KeysAway(Exception):
    """The issuer does not give its keys now, or gives none that can be used."""


async def fetch(issuer: Issuer) -> KeySet:
    """The keys that an issuer publishes now. Raises `KeysAway`."""
    try:
        async with asyncio.timeout(2 * SECONDS):
            document = await _published(issuer)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
        raise KeysAway(type(error).__name__) from error
    keys = usable(document, issuer)
    if not keys:
        raise KeysAway("no key can be used")
    return keys


async def _published(issuer: Issuer) -> Mapping[str, Any]:
    if issuer.jwks_url is not None and issuer.jwks_url.startswith("file://"):
        return _object(_read(issuer.jwks_url.removeprefix("file://")))
    async with httpx.AsyncClient(timeout=SECONDS) as client:
        url = issuer.jwks_url or await _discovered(client, issuer)
        return await _get(client, url)


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


async def _discovered(client: httpx.AsyncClient, issuer: Issuer) -> str:
    """The address of the keys. The document must be the issuer's own (Discovery 1.0, section 4.3)."""
    said = await _get(client, issuer.discovery_url)
    if said.get("issuer") != issuer.issuer:
        raise KeysAway("the discovery document is of another issuer")
    url = said.get("jwks_uri")
    if not isinstance(url, str) or not _as_safe(url, issuer):
        raise KeysAway("the discovery document names no address of keys that can be used")
    return url


def _as_safe(url: str, issuer: Issuer) -> bool:
    """Whether keys there are no easier to exchange than the document that names them."""
    scheme = urlsplit(url).scheme
    return scheme == "https" or (
        scheme == "http" == urlsplit(issuer.issuer).scheme and (issuer.plain_http or is_loopback(url))
    )


async def _get(client: httpx.AsyncClient, url: str) -> Mapping[str, Any]:
    content = bytearray()
    async with client.stream("GET", url, headers={"Accept": "application/json"}) as answer:
        if answer.status_code != httpx.codes.OK:  # a redirect too: keys come from where the operator said
            raise KeysAway(f"answered {answer.status_code}")
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > LARGEST:
                raise KeysAway("the answer is too large")
    return _object(bytes(content))


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise KeysAway("the answer is no JSON object") from error


def usable(document: Mapping[str, Any], issuer: Issuer) -> KeySet:
    """The keys for signatures by an algorithm that the issuer may use. It may publish others, for other purposes."""
    published = document.get("keys")
    said = published[:MOST_KEYS] if isinstance(published, list) else []
    return {
        (each["kid"], algorithm): key
        for each in said
        if isinstance(each, dict) and isinstance(each.get("kid"), str) and each.get("use", "sig") == "sig"
        for algorithm in issuer.algorithms
        if _fits(each, algorithm) and (key := _prepared(each, algorithm)) is not None
    }


def _fits(said: Mapping[str, Any], algorithm: str) -> bool:
    kind, curve = FITS[algorithm]
    return said.get("kty") == kind and said.get("crv") == curve and said.get("alg", algorithm) == algorithm


def _prepared(said: dict[str, Any], algorithm: str) -> PyJWK | None:
    try:
        key = PyJWK(said, algorithm)
    except (PyJWTError, ValueError, TypeError):
        return None
    weak = isinstance(key.key, RSAPublicKey) and key.key.key_size < LEAST_BITS
    return None if weak or not hasattr(key.key, "verify") else key

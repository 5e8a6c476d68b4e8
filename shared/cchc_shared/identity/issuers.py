"""The issuers whose tokens are accepted, as one document names them (`TOKEN_ISSUERS`)."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from cchc_shared.contract.codes import Role
from cchc_shared.contract.yaml_text import LOADER, read_yaml

AUDIENCE: Final = "cchc"
TEST_AUDIENCE: Final = "cchc-test"
"""Of the tokens that test keys are exchanged for: an installation that counts trusts none of them."""
SYSTEMS: Final = "system"
"""The namespace of connected systems: `system:one-stop-1`."""
ISSUER_OF_SYSTEMS: Final = "cchc-systems"
Algorithm = Literal["EdDSA", "ES256", "PS256", "RS256"]
"""Signatures with a key that is published. One with a shared secret would let every reader of it issue tokens."""
EXAMPLE_REALM: Final = "cchc-example"
"""The realm that `make keycloak` imports. Its passwords are printed in the guide."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ClaimPath = Annotated[tuple[Name, ...], Field(max_length=8)]
"""Names of members from the outside in: `[realm_access, roles]`. Empty: the claim is not read."""


class Issuer(BaseModel):
    """One issuer: where its keys are, and what its tokens may say here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    namespace: str = Field(
        pattern=r"^([a-z][a-z0-9-]{0,30})?$",
        description="Stands before the ids of its callers (`staff:0b2a…`), for ever; one issuer may have none",
    )
    issuer: Name = Field(description="`iss` of its tokens, to the letter")
    jwks_url: str | None = Field(
        default=None,
        pattern=r"^(https?|file)://[^\s?#]*(\?[^\s#]*)?$",
        description="Where its keys are (http, https or file); absent: its discovery document says it",
    )
    audience: Name = AUDIENCE
    algorithms: Annotated[frozenset[Algorithm], Field(min_length=1)] = frozenset({"EdDSA", "ES256", "RS256"})
    skew_seconds: int = Field(default=120, ge=0, le=300, description="How far its clock may be from ours")
    roles_at: ClaimPath = ()
    role_names: Mapping[Name, Role] | None = Field(
        default=None, description="Its role → ours; others count for nothing. Absent: it writes our names, and no other"
    )
    may_give: Annotated[frozenset[Role], Field(min_length=1)]
    everyone_is_citizen: bool = Field(default=False, description="Whoever it knows is a citizen, without being told so")
    unit_at: ClaimPath = ()
    scoped: bool = Field(
        default=False, description="Its tokens say in `scope` how far their system may go; one that does not is refused"
    )
    plain_http: bool = Field(default=False, description="States that its keys may come without TLS, in production too")

    @property
    def discovery_url(self) -> str:
        """Where it says of itself where its keys are (OpenID Connect Discovery 1.0, section 4)."""
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    issuers: Annotated[tuple[Issuer, ...], Field(min_length=1, max_length=20)]


class FaultyIssuers(ValueError):
    """The document cannot be used; the message names each fault by its path."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def the_only_one(jwks_url: str, token_issuer: str) -> Issuer:
    """The issuer that `JWKS_URL` and `TOKEN_ISSUER` name: it may give every role, and its ids stand as they are."""
    return Issuer(
        namespace="",
        issuer=token_issuer,
        jwks_url=jwks_url,
        roles_at=("roles",),
        unit_at=("unit",),
        may_give=frozenset(Role),
    )


def of_systems(jwks_url: str, audience: str) -> Issuer:
    """The service of this installation that issues tokens to connected systems, for their keys. Its own keys come over
    the network of the services, where whoever stands could hear every token anyway."""
    return Issuer(
        namespace=SYSTEMS,
        issuer=ISSUER_OF_SYSTEMS,
        jwks_url=jwks_url,
        audience=audience,
        algorithms=frozenset({"EdDSA"}),
        roles_at=("roles",),
        may_give=frozenset({Role.SYSTEM}),
        scoped=True,
        plain_http=True,
    )


def read_issuers(path: Path) -> tuple[Issuer, ...]:
    """The issuers of a document. Raises `FaultyIssuers`, and `OSError`."""
    return load(path.read_text("utf-8"))


def load(text: str) -> tuple[Issuer, ...]:
    """The same, of its text."""
    try:
        if repeated := list(_repeated(yaml.compose(text, LOADER))):
            raise FaultyIssuers(repeated)
        document = _Document.model_validate(read_yaml(text))
    except RecursionError as error:
        raise FaultyIssuers(["document: is nested too deeply, or refers to itself"]) from error
    except yaml.YAMLError as error:
        raise FaultyIssuers([f"not YAML: {' '.join(str(error).split())}"]) from error
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise FaultyIssuers([f"{_path(each['loc'])}: {each['msg']}" for each in found]) from error
    check(document.issuers)
    return document.issuers


def check(issuers: Sequence[Issuer]) -> None:
    """Raises `FaultyIssuers` for what only shows when issuers are looked at as a whole, and beside each other."""
    if faults := [*_faults(issuers)]:
        raise FaultyIssuers(faults)


def check_for_production(issuers: Sequence[Issuer]) -> None:
    """Raises `FaultyIssuers` for keys that anyone on the way could exchange, and for the realm of the guide."""
    faults = []
    for issuer in issuers:
        address = issuer.jwks_url or issuer.issuer
        if urlsplit(address).scheme == "http" and not is_loopback(address) and not issuer.plain_http:
            faults.append(f"{address} has no TLS: whoever is on the way could give keys (plain_http states it)")
        if {EXAMPLE_REALM} & {*issuer.issuer.split("/"), *(issuer.jwks_url or "").split("/")}:
            faults.append(f"{issuer.issuer} is the example realm, whose passwords everybody can read")
    if faults:
        raise FaultyIssuers(faults)


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _path(place: tuple[int | str, ...]) -> str:
    return ".".join(map(str, place)) or "document"


def _repeated(node: yaml.Node | None, path: str = "") -> Iterator[str]:
    """Members that stand twice: YAML would take the last of them without a word."""
    if isinstance(node, yaml.SequenceNode):
        for at, each in enumerate(node.value):
            yield from _repeated(each, f"{path}{at}.")
    elif isinstance(node, yaml.MappingNode):
        names = [str(key.value) for key, _ in node.value]
        yield from (f"{path}{name}: stands twice" for name in sorted({name for name in names if names.count(name) > 1}))
        for name, (_, value) in zip(names, node.value, strict=True):
            yield from _repeated(value, f"{path}{name}.")


def _faults(issuers: Sequence[Issuer]) -> Iterator[str]:
    for at, issuer in enumerate(issuers):
        yield from (f"issuers.{at}.{fault}" for fault in _of_one(issuer))
        before: Sequence[Any] = issuers[:at]
        if issuer.namespace in {other.namespace for other in before}:
            yield f"issuers.{at}.namespace: another issuer has it; its callers could be taken for these"
        if issuer.issuer in {other.issuer for other in before}:
            yield f"issuers.{at}.issuer: stands twice; `iss` must tell which issuer is meant"


def _of_one(issuer: Issuer) -> Iterator[str]:
    if issuer.jwks_url is None and urlsplit(issuer.issuer).scheme not in {"http", "https"}:
        yield "issuer: is no address to discover its keys at; write one, or jwks_url"
    for name, role in (issuer.role_names or {}).items():
        if role not in issuer.may_give:
            yield f"role_names.{name}: {role} is not among may_give"
    if issuer.role_names is not None and not issuer.roles_at:
        yield "role_names: roles_at does not say where the names stand"
    if issuer.everyone_is_citizen and Role.CITIZEN not in issuer.may_give:
        yield "everyone_is_citizen: citizen is not among may_give"
    if not issuer.roles_at and not issuer.everyone_is_citizen:
        yield "roles_at: is empty, so nobody would ever have a role"
    if issuer.unit_at and issuer.may_give == {Role.CITIZEN}:
        yield "unit_at: a citizen works for no unit"

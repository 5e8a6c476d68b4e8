"""Settings of the gateway: addresses of the services, and the bounds of one request."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, HttpUrl, field_validator, model_validator
from pydantic_settings import NoDecode

from cchc_shared.service.http_settings import HttpSettings
from gateway.upstreams.bounds import Bounds


def _by_commas(given: object) -> object:
    return [address.strip() for address in given.split(",")] if isinstance(given, str) else given


Addresses = Annotated[tuple[HttpUrl, ...], NoDecode, BeforeValidator(_by_commas), Field(min_length=1)]

NOTIFY: Final = "notify"
"""The value of `LIMITS_URL` that names no server of its own."""
ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


class GatewaySettings(HttpSettings):
    """The gateway has no database and knows nothing of the city."""

    tasks_api_url: Addresses = Field(description="Address of tasks-api, or those of its instances, by commas")
    feedback_api_url: Addresses = Field(description="Address of feedback-api, or those of its instances")
    dossiers_api_url: Addresses = Field(description="Address of dossiers-api, or those of its instances")
    notify_url: Addresses = Field(description="Address of notify, or those of its instances")
    scoring_api_url: Addresses = Field(description="Address of scoring-api, or those of its instances")
    test_gateway_url: Addresses | None = Field(
        default=None,
        description="Gateway of another whole installation, which has what comes with a test key; absent: such keys "
        "are refused",
    )
    upstream_in_flight: int = Field(default=256, gt=0, description="Requests at work at once with one instance")
    upstream_connect_seconds: float = Field(default=2, gt=0)
    upstream_idle_seconds: float = Field(default=30, gt=0, description="How long a service may be silent")
    upstream_total_seconds: float = Field(default=120, gt=0, description="How long one exchange may take")
    upstream_restart_seconds: float = Field(default=10, gt=0, description="How long a restarting service is awaited")
    upstream_failures: int = Field(
        default=5,
        gt=0,
        description="Requests in a row that one instance leaves without an answer, until it gets no more",
    )
    upstream_open_seconds: float = Field(default=5, gt=0, description="How long it then gets none")
    # More than all services may hold together: those that hang do not take the places of the others.
    max_in_flight: int = Field(default=1500, gt=0, description="Requests at work at once; more are answered 503")
    delay_seconds: float = Field(
        default=1, gt=0, description="The event loop later than this: no caller gets a second place at a service"
    )
    max_upload_bytes: int = Field(
        default=64 * 1024 * 1024, gt=0, description="Largest body of an operation that takes files"
    )
    caller_rules: Path | None = Field(
        default=None,
        description="The city's rules for callers (`caller_rules.yaml`): limits, shares, apps that are too old; "
        "absent: none",
    )
    limits_url: str | None = Field(
        default=None,
        repr=False,
        pattern=f"^({NOTIFY}$|rediss?://)",
        description="Where several gateways count callers together: `notify`, in its PostgreSQL, or a server that "
        "speaks Redis's protocol (`redis://…`, `rediss://…`)",
    )
    gateways: int = Field(
        default=1, gt=0, description="How many gateways there are: where none hears of the others, each gives a part"
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, with "
        "commas between; this machine is always believed",
    )
    cors_origins: str = Field(
        default="",
        description="Origins whose pages may call the API, with commas between (`https://app.example`), or `*`; "
        "empty: none",
    )
    tls_terminated_by: Literal["proxy", "mesh", "nobody"] | None = Field(
        default=None,
        description="Who ends TLS: a `proxy` in front of the gateway, a `mesh` that also carries what the services say "
        "to each other, or `nobody`, on a machine that others do not reach; production must say one of the first two",
    )
    cchc_signing_key: Path | None = Field(
        default=None, description="Ed25519 private key (PEM) that signs development tokens; embedded mode only"
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: str) -> str:
        for each in filter(None, map(str.strip, value.split(","))):
            ip_network(each)  # raises ValueError: a name here would silently be believed by nobody
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for each in filter(None, map(str.strip, value.split(","))):
            if each != "*" and not ORIGIN.fullmatch(each):
                raise ValueError(f"{each!r} is no origin: write it as https://app.example")
        return value

    @model_validator(mode="after")
    def _no_development_tokens_in_production(self) -> "GatewaySettings":
        if self.environment == "production" and self.cchc_signing_key is not None:
            raise ValueError("CCHC_SIGNING_KEY gives anyone any role: it must not be set in production")
        return self

    @model_validator(mode="after")
    def _tls_in_production(self) -> "GatewaySettings":
        if self.environment == "production" and self.tls_terminated_by in {None, "nobody"}:
            raise ValueError(
                "TLS_TERMINATED_BY must say who ends TLS, proxy or mesh: tokens and reports travel in clear"
            )
        return self

    @property
    def trusted_peers(self) -> list[str]:
        """Whose word on a caller's address is taken."""
        return ["127.0.0.1", "::1", *filter(None, map(str.strip, self.trusted_proxies.split(",")))]

    @property
    def origins(self) -> list[str]:
        """Origins whose pages may call."""
        return [each for each in map(str.strip, self.cors_origins.split(",")) if each]

    @property
    def service_urls(self) -> dict[str, list[str]]:
        """The addresses of each service by its name."""
        return {
            "tasks-api": list(map(str, self.tasks_api_url)),
            "feedback-api": list(map(str, self.feedback_api_url)),
            "dossiers-api": list(map(str, self.dossiers_api_url)),
            "notify": list(map(str, self.notify_url)),
            "scoring-api": list(map(str, self.scoring_api_url)),
        }

    @property
    def bounds(self) -> Bounds:
        """How much and how long each service is waited for."""
        return Bounds(
            in_flight=self.upstream_in_flight,
            connect_seconds=self.upstream_connect_seconds,
            idle_seconds=self.upstream_idle_seconds,
            total_seconds=self.upstream_total_seconds,
            restart_seconds=self.upstream_restart_seconds,
            failures=self.upstream_failures,
            open_seconds=self.upstream_open_seconds,
        )

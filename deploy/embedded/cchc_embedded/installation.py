"""One embedded installation: its folder, secrets and ports, and the environment of each of its processes."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cchc_embedded.credentials import keep, make_signing_key
from cchc_embedded.paths import REPOSITORY
from cchc_embedded.ports import free_ports
from cchc_embedded.postgres import ADMIN, PostgresServer
from cchc_embedded.provision import OWNERS, url_for
from cchc_embedded.settings import Settings
from cchc_shared.storage.pools import POOL_SIZE

DATABASE = "cchc"
CONTACT_KEY = "contact_key"
COMPONENTS_KEY = "components_key"
SYSTEMS_KEY = "systems_key"
WEBHOOKS_KEY = "webhooks_key"
OPEN311_TEST_KEY = f"trial:{hashlib.sha256(b'test-key').hexdigest()}:test"
"""Lets anyone on this machine send reports over Open311 with the key `test-key`."""
BESIDE = 25
"""Connections for an operator's commands, and those that PostgreSQL keeps back for itself."""

SERVICES = {
    "tasks-worker": ("tasks_api.worker", "tasks"),
    "feedback-worker": ("feedback_api.worker", "feedback"),
    "dossiers-worker": ("dossiers_api.worker", "dossiers"),
    "notify-worker": ("notify.worker", "notify"),
    "scoring-worker": ("scoring_worker.worker", "scoring"),
    "relay": ("relay.worker", "relay"),
    "tasks-api": ("tasks_api.api", "tasks"),
    "feedback-api": ("feedback_api.api", "feedback"),
    "dossiers-api": ("dossiers_api.api", "dossiers"),
    "notify": ("notify.api", "notify"),
    "scoring-api": ("scoring_worker.api", "scoring"),
    "gateway": ("gateway.api", None),
}
"""Service → the module that is its entry point, and the schema whose role it uses."""

APIS = ("tasks-api", "feedback-api", "dossiers-api", "notify", "scoring-api")
PUBLIC = (*APIS, "gateway")
"""Those that answer requests; the others serve an operator's address alone."""


@dataclass(frozen=True)
class Installation:
    """Everything that is decided before the first process starts."""

    folder: Path
    gateway_port: int
    given_database: str | None
    kafka: str | None
    secrets: dict[str, str]
    ports: dict[str, int] = field(default_factory=lambda: _some_ports(*SERVICES, "postgres"))
    """Where each part listens; a worker has its operator's address there."""
    ops_ports: dict[str, int] = field(default_factory=lambda: _some_ports(*PUBLIC))
    """The operator's address of each part that has a public one too."""
    ops_port: int = 0
    """The operator's address of the whole."""
    workers: int = 1
    apis: int = 1
    pool: int = POOL_SIZE
    """Database connections of one process, at most."""

    @classmethod
    def of(cls, settings: Settings) -> "Installation":
        """Makes the secrets that are missing, and finds free ports."""
        folder = settings.folder
        keys = (CONTACT_KEY, COMPONENTS_KEY, SYSTEMS_KEY, WEBHOOKS_KEY)
        known = keep(folder / "secrets.json", [ADMIN, *OWNERS.values(), *keys])
        make_signing_key(folder / "signing-key.pem")
        numbered = [instance for name in SERVICES for instance in _instances(name, settings.workers, settings.apis)]
        return cls(
            folder=folder,
            gateway_port=settings.port,
            given_database=settings.database,
            kafka=settings.kafka,
            secrets=known,
            ports={**_some_ports(*numbered, "postgres"), "gateway": settings.port},
            ops_ports=_some_ports(*(instance for instance in numbered if service_of(instance) in PUBLIC)),
            ops_port=settings.ops_port,
            workers=settings.workers,
            apis=settings.apis,
            pool=settings.pool,
        )

    @property
    def postgres(self) -> PostgresServer:
        """The server of this installation; not started where `DATABASE_URL` names another."""
        pools = self.pool * sum(SERVICES[service_of(part)][1] is not None for part in self.services())
        return PostgresServer(
            self.folder / "postgres", self.ports["postgres"], self.secrets[ADMIN], connections=max(100, pools + BESIDE)
        )

    @property
    def admin_url(self) -> str:
        """The database, for the role that may provision it."""
        return self.given_database or self.postgres.url(DATABASE)

    @property
    def database_place(self) -> str:
        """Where the database is, without any secret."""
        address = urlsplit(self.admin_url)
        return f"{address.netloc.rpartition('@')[2]}{address.path}"

    @property
    def archive(self) -> Path:
        """Where ended months of events go: part of the data, once they have left the database."""
        return Path(os.environ.get("ARCHIVE_DIR") or self.folder / "archive").resolve()

    @property
    def attachments(self) -> str:
        """Where files of reports are kept: part of the data, beside the database."""
        folder = Path(os.environ.get("ATTACHMENTS_DIR") or self.folder / "attachments")
        return os.environ.get("ATTACHMENTS_URL") or folder.resolve().as_uri()

    def owner_url(self, schema: str) -> str:
        """The database, for the role that owns `schema`."""
        role = OWNERS[schema]
        return url_for(self.admin_url, role, self.secrets[role])

    def url(self, part: str) -> str:
        """Address of a part over HTTP."""
        return f"http://127.0.0.1:{self.ports[part]}"

    def services(self) -> list[str]:
        """The parts that run, each by its own name: a relay only where there is a Kafka to relay to."""
        names = [name for name in SERVICES if self.kafka or name != "relay"]
        return [instance for name in names for instance in _instances(name, self.workers, self.apis)]

    def environment(self, part: str) -> dict[str, str]:
        """The environment of one service: the caller's, and what this installation decides."""
        service = service_of(part)
        schema = SERVICES[service][1]
        public = service in PUBLIC
        own = {
            "ENVIRONMENT": "embedded",
            "HOST": "127.0.0.1",
            "PORT": str(self.ports[part]) if public else "",
            "OPS_HOST": "127.0.0.1",
            "OPS_PORT": str(self.ops_ports[part] if public else self.ports[part]),
            "CCHC_PROFILE": os.environ.get("CCHC_PROFILE") or str(REPOSITORY / "data" / "hanoi"),
            "JWKS_URL": f"{self.url('gateway')}/.well-known/jwks.json",
            "CCHC_CONTACT_KEY": self.secrets[CONTACT_KEY],
            "CCHC_COMPONENTS_KEY": self.secrets[COMPONENTS_KEY],
            "CCHC_SYSTEMS_KEY": self.secrets[SYSTEMS_KEY],
            "SYSTEM_JWKS_URL": f"{self.url('notify')}/internal/keys/jwks.json",
            "CCHC_WEBHOOKS_KEY": self.secrets[WEBHOOKS_KEY],
            "WEBHOOKS_TO_LOOPBACK": os.environ.get("WEBHOOKS_TO_LOOPBACK") or "true",
            "OPEN311_KEYS": os.environ.get("OPEN311_KEYS") or OPEN311_TEST_KEY,
        }
        if schema is None:
            own |= {
                "DATABASE_URL": "",
                "CCHC_SIGNING_KEY": str(self.folder / "signing-key.pem"),
                **{f"{name.upper().replace('-', '_')}_URL": self._urls(name) for name in APIS},
            }
        else:
            own |= {"DATABASE_URL": self.owner_url(schema), "ARCHIVE_DIR": str(self.archive)}
            own |= {"ATTACHMENTS_URL": self.attachments}
        return {**os.environ, **own}

    def _urls(self, service: str) -> str:
        """The addresses of every instance of a service, as the gateway takes them."""
        return ",".join(self.url(instance) for instance in _instances(service, self.workers, self.apis))


def service_of(part: str) -> str:
    """The service that a part is an instance of: `scoring-worker-2` is one of `scoring-worker`."""
    name, _, number = part.rpartition("-")
    return name if number.isdigit() else part


def _instances(service: str, workers: int, apis: int) -> list[str]:
    count = workers if service == "scoring-worker" else apis if service in APIS else 1
    return [service, *(f"{service}-{number}" for number in range(2, count + 1))]


def _some_ports(*names: str) -> dict[str, int]:
    return dict(zip(names, free_ports(len(names)), strict=True))

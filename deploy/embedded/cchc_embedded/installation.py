"""One embedded installation: its folder, secrets and ports, and the environment of each of its processes."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cchc_embedded.credentials import keep, make_signing_key
from cchc_embedded.paths import REPOSITORY, data_folder
from cchc_embedded.postgres import ADMIN, PostgresServer
from cchc_embedded.processes import free_ports
from cchc_embedded.provision import OWNERS, url_for

DATABASE = "cchc"
CONTACT_KEY = "contact_key"

SERVICES = {
    "tasks-worker": ("tasks_api.worker", "tasks"),
    "feedback-worker": ("feedback_api.worker", "feedback"),
    "scoring-worker": ("scoring_worker.worker", "scoring"),
    "relay": ("relay.worker", "relay"),
    "tasks-api": ("tasks_api.api", "tasks"),
    "feedback-api": ("feedback_api.api", "feedback"),
    "scoring-api": ("scoring_worker.api", "scoring"),
    "gateway": ("gateway.api", None),
}
"""Part → the module that is its entry point, and the schema whose role it uses."""


@dataclass(frozen=True)
class Installation:
    """Everything that is decided before the first process starts."""

    folder: Path
    gateway_port: int
    given_database: str | None
    kafka: str | None
    secrets: dict[str, str]
    ports: dict[str, int] = field(default_factory=lambda: _some_ports(*SERVICES, "postgres"))

    @classmethod
    def from_environment(cls) -> "Installation":
        """Reads `CCHC_DATA_DIR`, `CCHC_PORT`, `DATABASE_URL`, `KAFKA_BOOTSTRAP_SERVERS`; makes the missing secrets."""
        folder = data_folder()
        folder.mkdir(parents=True, exist_ok=True)
        known = keep(folder / "secrets.json", [ADMIN, *OWNERS.values(), CONTACT_KEY])
        make_signing_key(folder / "signing-key.pem")
        gateway_port = int(os.environ.get("CCHC_PORT") or "8080")
        here = cls(
            folder=folder,
            gateway_port=gateway_port,
            given_database=os.environ.get("DATABASE_URL") or None,
            kafka=os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or None,
            secrets=known,
        )
        here.ports["gateway"] = gateway_port
        return here

    @property
    def postgres(self) -> PostgresServer:
        """The server of this installation; not started where `DATABASE_URL` names another."""
        return PostgresServer(self.folder / "postgres", self.ports["postgres"], self.secrets[ADMIN])

    @property
    def admin_url(self) -> str:
        """The database, for the role that may provision it."""
        return self.given_database or self.postgres.url(DATABASE)

    @property
    def database_place(self) -> str:
        """Where the database is, without any secret."""
        address = urlsplit(self.admin_url)
        return f"{address.netloc.rpartition('@')[2]}{address.path}"

    def owner_url(self, schema: str) -> str:
        """The database, for the role that owns `schema`."""
        role = OWNERS[schema]
        return url_for(self.admin_url, role, self.secrets[role])

    def url(self, part: str) -> str:
        """Address of a part over HTTP."""
        return f"http://127.0.0.1:{self.ports[part]}"

    def services(self) -> list[str]:
        """The parts that run: a relay only where there is a Kafka to relay to."""
        return [name for name in SERVICES if self.kafka or name != "relay"]

    def environment(self, part: str) -> dict[str, str]:
        """The environment of one service: the caller's, and what this installation decides."""
        schema = SERVICES[part][1]
        own = {
            "ENVIRONMENT": "embedded",
            "HOST": "127.0.0.1",
            "PORT": str(self.ports[part]),
            "CCHC_PROFILE": os.environ.get("CCHC_PROFILE") or str(REPOSITORY / "data" / "hanoi"),
            "JWKS_URL": f"{self.url('gateway')}/.well-known/jwks.json",
            "CCHC_CONTACT_KEY": self.secrets[CONTACT_KEY],
        }
        if schema is None:
            own |= {
                "DATABASE_URL": "",
                "CCHC_SIGNING_KEY": str(self.folder / "signing-key.pem"),
                **{f"{name.upper().replace('-', '_')}_URL": self.url(name) for name in SERVICES if name != "gateway"},
            }
        else:
            own["DATABASE_URL"] = self.owner_url(schema)
        return {**os.environ, **own}


def _some_ports(*names: str) -> dict[str, int]:
    return dict(zip(names, free_ports(len(names)), strict=True))

"""What the compose files say of production, and that development tokens need the file that is meant for them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from cchc_embedded import compose_secrets
from cchc_embedded.installation import BESIDE
from cchc_embedded.paths import REPOSITORY, data_folder
from cchc_shared.files.settings import StorageSettings, TakingSettings
from cchc_shared.service.settings import DatabaseSettings, ServiceSettings
from cchc_shared.storage.pools import POOL_SIZE
from feedback_api.settings import FeedbackSettings
from gateway.settings import GatewaySettings
from notify.settings import NotifySettings, WebhookSettings
from scoring_worker.settings import ScoringSettings
from tasks_api.settings import WorkerSettings as TasksWorkerSettings

SETTINGS: Mapping[str, type[BaseSettings]] = {
    "gateway": GatewaySettings,
    "tasks-api": TakingSettings,
    "tasks-worker": TasksWorkerSettings,
    "seed-tasks": ServiceSettings,
    "feedback-api": FeedbackSettings,
    "feedback-worker": StorageSettings,
    "dossiers-api": ServiceSettings,
    "dossiers-worker": ServiceSettings,
    "notify": NotifySettings,
    "notify-worker": WebhookSettings,
    "scoring-api": ScoringSettings,
    "scoring-worker": ScoringSettings,
    "seed-scoring": ScoringSettings,
    "relay": DatabaseSettings,
}
"""Service → what its process reads."""

ISSUER = {"JWKS_URL": "https://id.example.vn/realms/cchc/certs", "TOKEN_ISSUER": "https://id.example.vn/realms/cchc"}
STATED = ISSUER | {"TLS_TERMINATED_BY": "proxy"}
"""What somebody types into `.env`."""
IMAGES = REPOSITORY / "deploy" / "images"
NOTHING: Mapping[str, str] = {}
Compose = dict[str, Any]


def load(*names: str) -> Compose:
    """The files one over the other: mappings are merged, anything else is replaced."""
    merged: Compose = {}
    for name in names:
        merged = _merged(merged, yaml.safe_load((REPOSITORY / name).read_text("utf-8")))
    return merged


def _merged(below: Compose, above: Compose) -> Compose:
    both = {key: _merged(below[key], above[key]) for key in below.keys() & above if isinstance(above[key], dict)}
    return below | above | both


PRODUCTION = load("docker-compose.yml")
DEVELOPMENT = load("docker-compose.yml", "docker-compose.dev.yml")


def image_of(service: Compose) -> Path | None:
    """The Dockerfile of one of our images."""
    name = service["image"].removeprefix("cchc-")
    return IMAGES / f"{name}.Dockerfile" if name != service["image"] else None


def environment(compose: Compose, name: str, typed: Mapping[str, str] = NOTHING) -> dict[str, str]:
    """What the process of a service finds: its image's settings, then compose's, as somebody filled in `.env`."""
    service = compose["services"][name]
    dockerfile = image_of(service)
    assert dockerfile is not None
    said = "".join(re.findall(r"^ENV ((?:.*\\\n)*.*)", dockerfile.read_text(), re.MULTILINE))
    given = dict(re.findall(r"(\w+)=(\S+)", said))
    filled = dict(line.split("=", 1) for line in compose_secrets.content().splitlines()) | STATED | dict(typed)
    own = {key: _filled(str(value), filled) for key, value in service["environment"].items()}
    return given | own


def _filled(value: str, filled: Mapping[str, str]) -> str:
    def one(found: re.Match[str]) -> str:
        name, _, otherwise = found[1].partition(":")
        if otherwise.startswith("?"):
            return filled[name]  # without it compose stops
        if otherwise.startswith("+"):
            return otherwise[1:] if filled.get(name) else ""
        return filled.get(name) or otherwise.removeprefix("-")

    return re.sub(r"\$\{([^}]*)\}", one, value)


def started(
    compose: Compose, name: str, monkeypatch: pytest.MonkeyPatch, typed: Mapping[str, str] = NOTHING
) -> BaseSettings:
    """The settings of a service as its process reads them, from nothing but its own environment."""
    for kind in SETTINGS.values():
        for field, info in kind.model_fields.items():
            monkeypatch.delenv(info.alias or field.upper(), raising=False)
    for key, value in environment(compose, name, typed).items():
        if key != "PATH":
            monkeypatch.setenv(key, value)
    return SETTINGS[name]()


@pytest.mark.parametrize("name", SETTINGS)
def test_every_process_starts_in_production_with_what_it_is_given(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = started(PRODUCTION, name, monkeypatch)
    assert settings.model_dump()["environment"] == "production"
    assert settings.model_dump()["token_issuer"] == ISSUER["TOKEN_ISSUER"]


@pytest.mark.parametrize("name", SETTINGS)
def test_no_process_is_given_a_setting_of_ours_that_it_does_not_read(name: str) -> None:
    read = {info.alias or field.upper() for field, info in SETTINGS[name].model_fields.items()}
    given = {key for key in environment(PRODUCTION, name) if key.startswith("CCHC_")}
    assert given <= read


def test_the_gateway_takes_the_proxies_and_origins_of_the_settings_file(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"TRUSTED_PROXIES": "172.31.240.1", "CORS_ORIGINS": "https://app.example"}
    plain = started(PRODUCTION, "gateway", monkeypatch).model_dump()
    assert {plain[name.lower()] for name in given} == {""}
    settings = started(PRODUCTION, "gateway", monkeypatch, given).model_dump()
    assert {name: settings[name.lower()] for name in given} == given


@pytest.mark.parametrize("name", SETTINGS)
def test_without_an_issuer_of_tokens_nothing_starts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="it or TOKEN_ISSUERS is needed"):
        started(PRODUCTION, name, monkeypatch, dict.fromkeys(ISSUER, ""))


@pytest.mark.parametrize("name", SETTINGS)
def test_every_process_finds_the_document_of_issuers_where_it_is_told(name: str) -> None:
    named = {"TOKEN_ISSUERS": "/etc/cchc/issuers.yaml"}
    told = environment(PRODUCTION, name, named)["TOKEN_ISSUERS"]
    assert {"source": "issuers", "target": told} in PRODUCTION["services"][name]["configs"]
    assert _filled(PRODUCTION["configs"]["issuers"]["file"], named) == named["TOKEN_ISSUERS"]
    assert environment(PRODUCTION, name)["TOKEN_ISSUERS"] == ""


def test_the_gateway_starts_only_when_somebody_ends_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (REPOSITORY / "docker-compose.yml").read_text("utf-8")
    assert re.findall(r"\$\{TLS_TERMINATED_BY(..)", text) == [":?"]
    with pytest.raises(ValidationError, match="TLS_TERMINATED_BY"):
        started(PRODUCTION, "gateway", monkeypatch, {"TLS_TERMINATED_BY": "nobody"})
    started(DEVELOPMENT, "gateway", monkeypatch, {"TLS_TERMINATED_BY": "nobody"})


def test_production_knows_no_key_of_development_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SIGNING_KEY" not in (REPOSITORY / "docker-compose.yml").read_text("utf-8")
    started(PRODUCTION, "gateway", monkeypatch)
    monkeypatch.setenv("CCHC_SIGNING_KEY", "/keys/signing-key.pem")
    with pytest.raises(ValidationError, match="must not be set in production"):
        GatewaySettings()


@pytest.mark.parametrize("name", [name for name in SETTINGS if not name.startswith("seed")])
def test_the_file_for_development_turns_every_process_to_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = started(DEVELOPMENT, name, monkeypatch)
    assert settings.model_dump()["environment"] == "embedded"
    assert ("keys:/keys:ro" in DEVELOPMENT["services"][name].get("volumes", ())) == (name == "gateway")


@pytest.mark.parametrize("name", PRODUCTION["services"])
def test_the_log_of_every_container_is_bounded(name: str) -> None:
    logging = PRODUCTION["services"][name]["logging"]
    assert logging["driver"] == "json-file"
    assert {"max-size", "max-file"} <= logging["options"].keys()


def test_the_database_has_room_for_the_pools_of_all_processes() -> None:
    services = PRODUCTION["services"]
    pools = sum("DATABASE_URL" in service.get("environment", {}) for service in services.values()) * POOL_SIZE
    [room] = [each for each in services["postgres"]["command"] if each.startswith("max_connections=")]
    assert pools + BESIDE <= int(room.partition("=")[2])


def test_every_image_of_others_is_an_exact_version() -> None:
    exact = re.compile(r"^\S+:\d+\.\d+(\.\d+)?(-[\w.-]+)?(@sha256:[0-9a-f]{64})?$")
    of_others = [each["image"] for each in PRODUCTION["services"].values() if image_of(each) is None]
    bases = [
        base for file in IMAGES.glob("*.Dockerfile") for base in re.findall(r"^FROM (\S+)", file.read_text(), re.M)
    ]
    assert len(of_others) == 2
    assert [image for image in {*of_others, *bases} if not exact.match(image)] == []
    assert len(set(bases)) == 1


def test_every_process_that_stays_is_watched_by_its_readiness() -> None:
    for name, service in PRODUCTION["services"].items():
        dockerfile = image_of(service)
        if service["restart"] != "unless-stopped":
            continue
        if dockerfile is None:
            assert service["healthcheck"]["test"], name
        else:
            assert "healthcheck" not in service, name
            assert re.search(r"^HEALTHCHECK (?:.*\\\n)?.*/readyz", dockerfile.read_text(), re.MULTILINE), name


def test_only_the_gateway_is_reached_from_outside_and_it_reaches_no_database() -> None:
    services, networks = PRODUCTION["services"], PRODUCTION["networks"]
    published = {name: each["ports"] for name, each in services.items() if "ports" in each}
    assert published.keys() == {"gateway", "postgres"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert networks["data"]["internal"] is True
    assert services["gateway"]["networks"] == ["front"]
    assert {name for name, each in services.items() if "front" in each.get("networks", ())} == {
        "gateway",
        "tasks-api",
        "feedback-api",
        "dossiers-api",
        "notify",
        "scoring-api",
    }
    # Objects of attachments may be in an S3 anywhere: an API reaches it by `front`, its worker by a way of its own.
    assert {name for name, each in services.items() if "storage" in each.get("networks", ())} == {
        "feedback-worker",
        "tasks-worker",
    }
    assert not (networks["storage"] or {}).get("internal")
    assert {name for name, each in services.items() if "mail" in each.get("networks", ())} == {"tasks-worker"}
    assert not (networks["mail"] or {}).get("internal")
    assert {name for name, each in services.items() if "receivers" in each.get("networks", ())} == {"notify-worker"}
    assert not (networks["receivers"] or {}).get("internal")
    assert {name for name, each in services.items() if "administration" in each.get("networks", ())} == {"postgres"}
    for kafka_or_database in ("postgres", "kafka"):
        assert "front" not in services[kafka_or_database]["networks"]


def mounted(compose: Compose, name: str) -> list[str]:
    """The folders of this machine that a service sees."""
    return [_filled(each, {}) for each in compose["services"][name].get("volumes", ()) if each.startswith(("$", "."))]


def test_the_archive_of_the_containers_is_that_of_the_operators_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ARCHIVE_DIR", "CCHC_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    own = data_folder() / "archive"
    assert own == (REPOSITORY / ".data" / "archive").resolve()
    for name, settings in SETTINGS.items():
        reads = "archive_dir" in settings.model_fields and name != "gateway" and not name.startswith("seed")
        folders = [
            volume.rpartition(":") for volume in mounted(PRODUCTION, name) if not volume.endswith("/attachments")
        ]
        assert [(REPOSITORY / host).resolve() for host, _, _ in folders] == ([own] if reads else []), name
        if reads:
            assert environment(PRODUCTION, name)["ARCHIVE_DIR"] == folders[0][2]


@pytest.mark.parametrize("name", ["feedback-api", "feedback-worker", "tasks-api", "tasks-worker"])
def test_api_and_worker_keep_attachments_in_one_folder(name: str) -> None:
    folder = environment(PRODUCTION, name)["ATTACHMENTS_URL"].removeprefix("file://")
    assert f"./.data/attachments:{folder}" in mounted(PRODUCTION, name)
    dockerfile = image_of(PRODUCTION["services"][name])
    assert dockerfile is not None
    assert f"install -d -o cchc /archive {folder}\n" in dockerfile.read_text()


def test_the_archive_belongs_to_the_services_before_any_of_them_starts() -> None:
    services = PRODUCTION["services"]
    owner = services["archive"]
    assert (owner["user"], owner["network_mode"]) == ("root", "none")
    assert owner["command"] == ["chown", "-R", "10001:10001", "/archive", "/attachments"]
    assert mounted(PRODUCTION, "archive") == mounted(PRODUCTION, "feedback-api")
    assert set(mounted(PRODUCTION, "archive")) > set(mounted(PRODUCTION, "scoring-api"))
    assert services["prepare"]["depends_on"]["archive"] == {"condition": "service_completed_successfully"}
    for file in IMAGES.glob("*.Dockerfile"):
        assert "--uid 10001" in file.read_text()


def test_each_image_is_built_once_and_every_service_waits_for_the_first_one() -> None:
    built = [service["image"] for service in PRODUCTION["services"].values() if "build" in service]
    assert len(set(built)) == len(built)
    ours = {service["image"] for service in PRODUCTION["services"].values() if image_of(service)}
    assert ours == set(built)

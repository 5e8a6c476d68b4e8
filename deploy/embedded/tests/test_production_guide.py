"""The page on going live names every setting that the code reads."""

import re

from cchc_embedded.paths import REPOSITORY
from cchc_embedded.provision import OWNERS
from cchc_shared.service.settings import ServiceSettings
from feedback_api.settings import FeedbackSettings
from gateway.settings import GatewaySettings
from notify.settings import NotifySettings
from scoring_worker.settings import ScoringSettings

GUIDE = (REPOSITORY / "docs/guides/production.md").read_text("utf-8")


def section(title: str) -> str:
    """Up to the next heading of its level."""
    return GUIDE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_every_setting_is_explained() -> None:
    read = {
        info.alias or field.upper()
        for kind in (ServiceSettings, FeedbackSettings, NotifySettings, ScoringSettings, GatewaySettings)
        for field, info in kind.model_fields.items()
    }
    passwords = {f"CCHC_PASSWORD_{role.upper()}" for role in OWNERS.values()}
    assert read | passwords <= set(re.findall(r"`([A-Z0-9_]+)`", section("Settings")))


def test_the_licence_that_every_package_names_is_there() -> None:
    files = [*REPOSITORY.glob("services/*/pyproject.toml"), *REPOSITORY.glob("deploy/*/pyproject.toml")]
    files.append(REPOSITORY / "shared/pyproject.toml")
    assert len(files) == 9
    assert all('\nlicense = "Apache-2.0"\n' in file.read_text("utf-8") for file in files)
    assert "Apache License" in (REPOSITORY / "LICENSE").read_text("utf-8")

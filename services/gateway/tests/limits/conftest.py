from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.support.tokens import TestTokens
from tests.support.upstreams import OpenGateway, Service

RULES = Path("data/hanoi/caller_rules.yaml").read_text("utf-8")
Limited = Callable[..., AbstractContextManager[str]]


def rules(**policies: str) -> str:
    """The shipped document with other quotas in a minute: `person_writing="3"`; an hour, so that nothing comes back."""
    text, kind = [], ""
    for line in RULES.splitlines():
        name = line.strip().partition(":")[0]
        if line.startswith("  ") and line.endswith(":"):
            kind = name
        quota = policies.get(f"{kind}_{name}") or policies.get(name)
        text.append(line if quota is None else f"{line.partition('{')[0]}{{quota: {quota}, seconds: 3600}}")
    return "\n".join(text)


@pytest.fixture
def limited(tokens: TestTokens, open_gateway: OpenGateway, upstream: str, tmp_path: Path) -> Limited:
    """Opens a gateway with these quotas in front of `service`."""

    @contextmanager
    def opened(text: str | None = None, settings: dict[str, object] | None = None, **policies: str) -> Iterator[str]:
        file = tmp_path / "caller_rules.yaml"
        file.write_text(text or rules(**policies), "utf-8")
        given = {"jwks_url": tokens.jwks_url, "caller_rules": file, **(settings or {})}
        url_of_tasks = str(given.pop("tasks_api_url", upstream))
        with open_gateway(url_of_tasks, **given) as url:
            yield url

    return opened


@pytest.fixture(autouse=True)
def _anew(service: Service) -> None:
    """Nothing was asked yet."""

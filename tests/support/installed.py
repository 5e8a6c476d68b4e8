"""Whole systems that begin where a first start has come to: PostgreSQL with roles, tables, units and a plan.

A first start spends half of its time on that. It is done once for all tests that are not about it; each then starts on
a copy. No service has run on it: every event that it holds is still to be read, over either transport.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cchc_embedded.admin.place import running
from cchc_embedded.installation import Installation
from cchc_embedded.launcher import SEEDS, prepare
from cchc_embedded.ports import free_ports
from cchc_embedded.settings import Settings
from cchc_shared.storage.pools import POOL_SIZE
from tests.support.files import exclusive
from tests.support.scratch import opened
from tests.support.sets import known_sets
from tests.support.system import System


class Installed:
    """Opens systems on copies of one data folder."""

    def __init__(self, made: Path) -> None:
        self._made = made

    def __call__(self, folder: Path, kafka: str | None = None, **settings: str) -> System:
        """A system on `folder`, which must not be there yet."""
        _copy(self._made, folder)
        return System(folder, kafka, **settings)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """`installed(folder)` in place of `System(folder)`; the first worker that asks prepares, the others wait for it."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = shared / "installed"
    with exclusive(shared / "installed.lock"):
        if not made.exists():
            draft = shared / "installed.draft"
            with opened() as folder:
                _install(folder)
                _copy(folder, draft)
            draft.rename(made)
    return Installed(made)


def _install(folder: Path) -> None:
    """What the launcher does before it starts services.

    Every copy makes a signing key of its own: no token fits two.
    """
    port, ops_port = free_ports(2)
    settings = Settings(folder, port, ops_port, database=None, kafka=None, workers=1, apis=1, pool=POOL_SIZE)
    here = Installation.of(settings)
    with running(here.postgres, folder / "logs" / "postgres.log"):
        prepare(here)
        known = {"CCHC_INDEX_SETS": str(known_sets(folder.with_suffix(".sets")))}
        for service, module in SEEDS.items():
            subprocess.run([sys.executable, "-m", module], env=here.environment(service) | known, check=True)
    (folder / "signing-key.pem").unlink()


def _copy(made: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    subprocess.run(["cp", "-a", f"{made}/.", str(folder)], check=True)  # files keep their owner, who runs the server

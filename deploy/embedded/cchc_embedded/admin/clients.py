"""The client programs of PostgreSQL: those of the wheel, which fit its server; no other has to be installed."""

import os
from urllib.parse import unquote, urlsplit, urlunsplit

from cchc_embedded.postgres import BINARIES


def program(name: str) -> str:
    """The path of `psql`, `pg_dump`, …"""
    return str(BINARIES / name)


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """The address, and the environment that carries its password: every user of a machine sees command lines."""
    address = urlsplit(url)
    user, at, where = address.netloc.rpartition("@")
    bare = urlunsplit(address._replace(netloc=f"{user.partition(':')[0]}{at}{where}"))
    secret = {"PGPASSWORD": unquote(address.password)} if address.password else {}
    return bare, {**os.environ, **secret, "PGAPPNAME": "cchc-admin"}

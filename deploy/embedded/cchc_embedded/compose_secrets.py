"""Writes the file of secrets that `docker-compose.yml` reads, once; an existing one is left alone.

python -m cchc_embedded.compose_secrets .env
"""

import secrets
import sys
from pathlib import Path

from cchc_embedded.credentials import random_key, write_private
from cchc_embedded.provision import OWNERS


def content() -> str:
    """Fresh secrets by the names the compose file uses, and room for the issuers of tokens and for who ends TLS: both
    must be named.

    Passwords are fit to stand in an address.
    """
    names = ["POSTGRES_PASSWORD", *(f"CCHC_PASSWORD_{role.upper()}" for role in OWNERS.values())]
    lines = [f"{name}={secrets.token_urlsafe(24)}" for name in names]
    of_keys = ("CCHC_CONTACT_KEY", "CCHC_COMPONENTS_KEY", "CCHC_SYSTEMS_KEY", "CCHC_WEBHOOKS_KEY")
    keys = [f"{name}={random_key()}" for name in of_keys]
    return "\n".join([*lines, *keys, "JWKS_URL=", "TOKEN_ISSUER=", "TOKEN_ISSUERS=", "TLS_TERMINATED_BY=", ""])


def main() -> None:
    """Writes the file named on the command line."""
    file = Path(sys.argv[1])
    if not file.exists():
        write_private(file, content().encode())


if __name__ == "__main__":
    main()

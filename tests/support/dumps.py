"""A dump that somebody restored by hand: the rows are back, and they speak of the transactions of another server."""

import os
import subprocess
from pathlib import Path

from cchc_embedded.admin.backup import DUMP
from cchc_embedded.admin.clients import program, without_password
from cchc_embedded.admin.place import running
from cchc_embedded.installation import Installation
from cchc_embedded.ports import free_ports
from cchc_embedded.provision import OWNERS
from cchc_embedded.settings import Settings
from cchc_shared.storage.pools import POOL_SIZE
from tests.support.databases import execute

SPENT = 5000
"""Transactions on the source: its positions are ahead of what a younger server has reached."""
_SPEND = f"DO $$ BEGIN FOR i IN 1..{SPENT} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"


def grow_old(url: str) -> None:
    """Lets a server have had many more transactions than one that was made lately."""
    execute(url, _SPEND)


def restore_by_hand(backup: Path, folder: Path) -> None:
    """`pg_restore` of a backup into the database of a data folder on which nothing runs, in the place of its rows."""
    port, ops_port = free_ports(2)
    settings = Settings(folder, port, ops_port, database=None, kafka=None, workers=1, apis=1, pool=POOL_SIZE)
    here = Installation.of(settings)
    with running(here.postgres, folder / "logs" / "postgres.log"):
        execute(here.admin_url, f"DROP SCHEMA {', '.join(OWNERS)} CASCADE")
        address, secret = without_password(here.admin_url)
        command = [program("pg_restore"), "--single-transaction", f"--dbname={address}", str(backup / DUMP)]
        subprocess.run(command, env={**os.environ, **secret}, check=True, capture_output=True)

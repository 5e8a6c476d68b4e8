"""`python -m notify.issuing SYSTEM`: makes a key, and writes it to the standard output alone.

    … SYSTEM [--kind test] [--days 90]
    … SYSTEM --rotate ID [--overlap-hours 24] [--days 90]
    … SYSTEM --revoke ID

What is said beside it goes to the standard error, so that the key can be handed on without being seen. Returns 0, or 1
with the reason.
"""

import argparse
import asyncio
import getpass
import sys
from typing import Final

from pydantic import ValidationError

from cchc_shared.contract.codes import Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import Asked
from cchc_shared.http.problems import Problem
from cchc_shared.identity.api_keys import KeyKind
from cchc_shared.service import logs
from cchc_shared.service.assembly import opened
from cchc_shared.service.http_settings import read
from cchc_shared.storage.idempotency import Reply
from notify.bootstrap import FEATURES
from notify.keys.schemas import IssuedKey, KeyIn, KeyOut, RotationIn
from notify.keys.service import Keys
from notify.settings import NotifySettings

NAME: Final = "notify-issuing"


async def _run(settings: NotifySettings, wanted: argparse.Namespace) -> Reply:
    asked = Asked(Principal(f"command:{getpass.getuser()}", frozenset({Role.OPERATOR}), None), None, b"")
    async with opened(NAME, settings, FEATURES) as here:
        keys: Keys = here.use(Keys)
        if wanted.revoke:
            return await keys.revoke(wanted.system, wanted.revoke, asked)
        if wanted.rotate:
            given = RotationIn(days=wanted.days, overlap_hours=wanted.overlap_hours)
            return await keys.rotate(wanted.system, wanted.rotate, given, asked)
        return await keys.create(wanted.system, KeyIn(kind=wanted.kind, days=wanted.days), asked)


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make keys")
    parser.add_argument("system", help="code of a connected system")
    parser.add_argument("--kind", type=KeyKind, choices=KeyKind, default=KeyKind.LIVE)
    parser.add_argument("--days", type=int, default=90, help="how long the key holds")
    parser.add_argument("--overlap-hours", type=int, default=24, help="how long the key before it holds")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--rotate", metavar="ID", help="the key that the new one takes the place of")
    which.add_argument("--revoke", metavar="ID", help="the key that opens nothing any more")
    return parser.parse_args()


def main() -> int:
    """Do it, and say what was done."""
    settings, wanted = read(NotifySettings), _wanted()
    logs.configure(NAME, settings.log_level)
    try:
        reply = asyncio.run(_run(settings, wanted))
    except (Problem, RuleBroken, ValidationError) as error:
        sys.stderr.write(f"{_why(error)}\n")
        return 1
    if wanted.revoke:
        sys.stderr.write(f"{KeyOut.model_validate_json(reply.body).prefix} revoked\n")
        return 0
    made = IssuedKey.model_validate_json(reply.body)
    sys.stderr.write(f"{made.prefix} holds until {made.expires_at.isoformat()}; it is shown this once\n")
    sys.stdout.write(f"{made.key}\n")
    return 0


def _why(error: Exception) -> str:
    match error:
        case Problem():
            return f"{error.vi or error.kind.says.vi} · {error.en or error.kind.says.en}"
        case RuleBroken():
            return f"{error.field}: {error.message.vi} · {error.message.en}"
    return str(error)


if __name__ == "__main__":
    sys.exit(main())

"""`make vendor-check`: a vendor's side, judged by the lines of the guides.

`URL=…` plays a day at a receiver of webhooks; its secret is `SECRET=whsec_…`, or the one that is printed. `FILE=…` has
a day's file of deliveries judged by the system on `CCHC_PORT`, as the intake would read it, without keeping anything.
Ends with 1 where something is wrong.
"""

import argparse
import asyncio
import base64
import binascii
import os
import sys
from pathlib import Path
from typing import Any, Final

import httpx

from cchc_embedded.receiver_day import GUIDE, Receiver, Step, line_of, play
from notify.webhooks.posting import SECONDS, Poster
from notify.webhooks.signing import PREFIX, shown

EXAMPLE: Final = bytes(range(32))
"""The secret of receivers that were given none: whoever reads this knows it, so it protects nothing."""
DOSSIERS: Final = GUIDE.parent / "dossiers.md"


def main() -> int:
    """Judges, and says what is wrong."""
    parser = argparse.ArgumentParser(prog="make vendor-check")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--url", help="a receiver of webhooks")
    which.add_argument("--file", type=Path, help="a day's file: one delivery as JSON in each line")
    given = parser.parse_args()
    if given.file is not None:
        return judge(given.file)
    secret = secret_of(os.environ.get("SECRET") or "")
    if secret is None:
        print(f"SECRET: {PREFIX}… (base64)", file=sys.stderr)
        return 2
    return asyncio.run(visit(Receiver(given.url, secret, Poster(loopback=True, seconds=SECONDS))))


def secret_of(text: str) -> bytes | None:
    """The secret as receivers are given it; None where it is none."""
    if not text:
        print(f"SECRET={shown(EXAMPLE)}", flush=True)
        return EXAMPLE
    try:
        return base64.b64decode(text.removeprefix(PREFIX), validate=True) if text.startswith(PREFIX) else None
    except binascii.Error:
        return None


async def visit(receiver: Receiver) -> int:
    """Play the day at a receiver and print each step; 1 where a line of the guide is broken."""
    wrong = 0
    async for step in play(receiver):
        wrong += step.broken is not None
        print(step_line(step), flush=True)
    print(f"{wrong} sai · wrong", flush=True)
    return int(wrong > 0)


def step_line(step: Step) -> str:
    """A step as it is printed: what was tried, what came of it, and the line of the guide that it breaks."""
    came = step.answer.failure or step.answer.status
    said = f"{'✗' if step.broken else '✓'} {step.tried.vi} · {step.tried.en}: {came}"
    if step.broken is None:
        return said
    line = line_of(step.broken)
    return f"{said}\n    docs/guides/{GUIDE.name}:{line.number}: {line.words}"


def judge(file: Path) -> int:
    """Have a file judged by the system that runs here, and print what is wrong with its lines."""
    base = f"http://127.0.0.1:{os.environ.get('CCHC_PORT') or 8080}"
    headers = {"content-type": "application/x-ndjson"}
    try:
        answer = httpx.post(f"{base}/v1/dossiers/checks", content=file.read_bytes(), headers=headers, timeout=60)
    except httpx.HTTPError as error:
        print(f"{base}: {type(error).__name__} (make run?)", file=sys.stderr)
        return 2
    said = answer.json()
    if answer.is_error:
        print(f"{answer.status_code} {said['code']}: {said['detail']}", file=sys.stderr)
        return 2
    for each in said["wrong"]:
        print(wrong_line(each))
    print(f"{said['lines']} dòng · lines, {len(said['wrong'])} sai · wrong")
    return int(bool(said["wrong"]))


def wrong_line(found: dict[str, Any]) -> str:
    """What is wrong with a line of the file: fields, and the section of the guide."""
    problem = found["problem"]
    errors = [f"{each['field'] or '—'}: {each['message']}" for each in problem.get("errors") or ()]
    said = "; ".join(errors) or problem["detail"]
    number = line_of(f"## {found['section']}", DOSSIERS).number
    return f"{found['line']}: {problem['code']}: {said}\n    docs/guides/{DOSSIERS.name}:{number}: {found['section']}"


if __name__ == "__main__":
    sys.exit(main())

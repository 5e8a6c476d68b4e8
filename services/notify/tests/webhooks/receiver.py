"""A receiver of webhooks with faults, as a process of its own: `python receiver.py FOLDER` writes its port there.

`/{fault}/{n}/{name}` fails the first `n` attempts of each message that way, then it takes it. Each attempt is a line of
`attempts.jsonl`. Signatures are verified by the text of Standard Webhooks, with the secrets that `secrets.json` gives
for the path: no line of the system under test is used here.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import time
from collections import Counter
from pathlib import Path

FOLDER = Path(sys.argv[1])
LATE_SECONDS = 2.5
"""Longer than the tests let an attempt take."""
seen: Counter[tuple[str, str]] = Counter()


def verified(path: str, headers: dict[str, str], body: bytes) -> int:
    """How many of the secrets of the path have signed the message."""
    secrets = json.loads((FOLDER / "secrets.json").read_text())[path]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    given = headers["webhook-signature"].split(" ")
    keys = [base64.b64decode(each.removeprefix("whsec_")) for each in secrets]
    right = ["v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys]
    return sum(each in given for each in right)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await _answer(reader, writer)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    path = head[0].split(" ")[1]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers["content-length"]))
    _, fault, failing, *_ = path.split("/")
    seen[path, headers["webhook-id"]] += 1
    fails = seen[path, headers["webhook-id"]] <= int(failing)
    line = {
        "path": path,
        "id": headers["webhook-id"],
        "signed": verified(path, headers, body),
        "body": json.loads(body),
        "taken": not fails,
        "at": time.monotonic(),
    }
    with (FOLDER / "attempts.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    if not fails:
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    elif fault == "half":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    elif fault == "late":
        await asyncio.sleep(LATE_SECONDS)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    elif fault == "endless":
        writer.write(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 0x400 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(LATE_SECONDS)
    elif fault == "redirect":
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /ok/0/elsewhere\r\nContent-Length: 0\r\n\r\n")
    elif fault == "reset":
        writer.transport.abort()
        return
    else:
        pause = "Retry-After: 7200\r\n" if fault == "503" else ""
        writer.write(f"HTTP/1.1 {fault} No\r\n{pause}Content-Length: 0\r\n\r\n".encode())
    await writer.drain()


async def main() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    partial = FOLDER / "port.partial"
    partial.write_text(str(server.sockets[0].getsockname()[1]))
    partial.rename(FOLDER / "port")
    async with server:
        await server.serve_forever()


asyncio.run(main())

"""Messages of `make run`: the address of each part, and commands to try."""

import os
from collections.abc import Mapping
from contextlib import suppress

from cchc_embedded.installation import Installation


def say(line: str = "") -> None:
    """Print one line; a closed terminal is no error."""
    with suppress(OSError):
        print(line, flush=True)


def welcome(here: Installation, pids: Mapping[str, int], seconds: float) -> None:
    """Once all is ready."""
    gateway = here.url("gateway")
    say(f"\nSẵn sàng sau · ready after {seconds:.1f} s\n")
    say(f"  gateway          {gateway}   (hợp đồng · contract: {gateway}/openapi.json)")
    for name in here.services():
        if name != "gateway":
            say(f"  {name:<16} {here.url(name)}   pid {pids[name]}")
    say(f"  operations       http://127.0.0.1:{here.ops_port}   (/readyz, /metrics: mọi tiến trình · every process)")
    say(f"  PostgreSQL       {here.database_place}")
    if here.kafka:
        say(f"  Kafka            {here.kafka}")
    say(f"  nhật ký · logs   {here.folder / 'logs'}")
    if shift := os.environ.get("CCHC_CLOCK_SHIFT"):
        say(f"\n  ĐỒNG HỒ ĐÃ DỜI {shift}: hệ thống đang sống ở ngày khác, chỉ để thử.")
        say(f"  THE CLOCK IS SHIFTED by {shift}: the system lives on another day; for trials only.")
    say("\nThử ngay, dán vào một cửa sổ khác · try it, pasted into another terminal:\n")
    for command in commands(gateway):
        say(f"  {command}")
    say("\nCtrl-C: dừng · stop")


def commands(gateway: str) -> list[str]:
    """Two lines for any POSIX shell and any curl: a token, and a question asked with it."""
    asked = """-H 'Content-Type: application/json' -d '{"sub": "toi", "roles": ["coordinator"]}'"""
    return [
        f"TOKEN=$(curl -sS '{gateway}/dev/tokens' {asked} | cut -d '\"' -f 4)",
        f"curl -sS '{gateway}/v1/units?limit=3' -H \"Authorization: Bearer $TOKEN\"; echo",
    ]

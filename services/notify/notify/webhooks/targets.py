"""Which addresses a webhook may lead to: those that anybody on the Internet reaches, and no other.

A name may lead elsewhere tomorrow, or at the second question. So the address that is checked is the one that is
connected to (`posting`); the check when a webhook is made only spares its maker the wait.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from cchc_shared.contract.rules import RuleBroken

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""All addresses of a host. Raises `OSError` where there is none."""

URL: Final = r"^https?://([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?(/[!\"$-~]*)?$"
"""No user, no fragment, nothing that two readers of addresses read differently."""
RESOLVE_SECONDS: Final = 5.0
_PORTS: Final = range(1, 65536)
# These hold an IPv4 address within, which a gateway on the way may connect to.
_WRAPPING: Final = tuple(ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class AddressRefused(OSError):
    """The host has an address to which nothing is sent."""


def is_allowed(address: Address, *, loopback: bool) -> bool:
    """Whether something may be sent there; to this machine itself only where `loopback` is set."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    plain = mapped or address
    if plain.is_loopback:
        return loopback
    if any(plain in network for network in _WRAPPING):
        return False
    return plain.is_global and not (plain.is_multicast or plain.is_reserved or plain.is_unspecified)


async def resolve(host: str, port: int) -> Sequence[Address]:
    """By the resolver of this machine, which reads `0x7f000001` and `127.1` as it always did."""
    async with asyncio.timeout(RESOLVE_SECONDS):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(each[4][0]) for each in found]


async def checked(host: str, port: int, ask: Resolve, *, loopback: bool) -> Sequence[Address]:
    """The addresses of the host. Raises `AddressRefused` if one of them is refused, and `OSError` without any."""
    found = list(dict.fromkeys(await ask(host, port)))
    if not found:
        raise OSError("no address")
    if not all(is_allowed(each, loopback=loopback) for each in found):
        raise AddressRefused
    return found


async def check_target(url: str, ask: Resolve, *, loopback: bool) -> None:
    """Raise `RuleBroken` unless a webhook may lead there now."""
    parts = re.fullmatch(URL, url)
    if parts is None:
        raise RuleBroken("url", "không phải địa chỉ `https` đầy đủ", "is not a complete https address")
    scheme = url.partition(":")[0]
    host = parts[1].strip("[]")
    port = int(parts[2][1:]) if parts[2] else 443 if scheme == "https" else 80
    if port not in _PORTS or not (scheme == "https" or loopback):
        raise RuleBroken("url", "chỉ nhận địa chỉ `https`", "must be an https address")
    try:
        found = await checked(host, port, ask, loopback=loopback)
    except AddressRefused as error:
        raise RuleBroken("url", "dẫn tới địa chỉ không công khai", "leads to an address that is not public") from error
    except (OSError, UnicodeError) as error:
        raise RuleBroken("url", "tên máy chủ chưa có địa chỉ", "names a host that has no address") from error
    if scheme == "http" and not all(each.is_loopback for each in found):
        raise RuleBroken("url", "chỉ nhận địa chỉ `https`", "must be an https address")

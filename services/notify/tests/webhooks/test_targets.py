"""Nothing is sent to where only this machine or its network gets, however the address is written."""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from cchc_shared.contract.rules import RuleBroken
from notify.webhooks.domain import Answer, Failure
from notify.webhooks.posting import Poster
from notify.webhooks.targets import Address, AddressRefused, Resolve, check_target, checked, is_allowed, resolve

from ..conftest import NOW

PUBLIC = "203.162.0.11"
REFUSED = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254",  # noqa: S104 - nothing is bound
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1",
    "fd00:ec2::254", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_an_address_that_not_everybody_reaches_is_refused(text: str) -> None:
    assert not is_allowed(ip_address(text), loopback=False)


@pytest.mark.parametrize("text", [PUBLIC, "8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_a_public_address_is_not(text: str) -> None:
    assert is_allowed(ip_address(text), loopback=False)


@pytest.mark.parametrize("text", REFUSED)
def test_development_adds_this_machine_and_nothing_else(text: str) -> None:
    own = text.startswith("127.") or text in {"::1", "::ffff:127.0.0.1"}
    assert is_allowed(ip_address(text), loopback=True) == own


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "127.0.0.1", "[::1]", "[::ffff:7f00:1]"]
)
@pytest.mark.parametrize("path", ["", "/", "/a?b=c"])
async def test_this_machine_is_refused_however_it_is_named(host: str, path: str) -> None:
    with pytest.raises(RuleBroken):
        await check_target(f"https://{host}{path}", resolve, loopback=False)
    answer = await Poster(loopback=False, seconds=5).post(f"http://{host}:9{path}", {}, b"{}", NOW)
    assert answer.failure in {Failure.ADDRESS_REFUSED, Failure.NO_ADDRESS}


@pytest.mark.parametrize(
    "url",
    [
        "http://a.vn/", "ftp://a.vn/", "https://user@a.vn/", "https://a.vn/#b", "https:///a", "https://a.vn:0/",
        "https://a.vn:99999/", "https://a.vn\\@b.vn/", "https://a.vn /", "//a.vn/", "https://ă.vn/", "https://a.vn/\n",
    ],
)  # fmt: skip
async def test_only_a_plain_https_address_is_taken(url: str) -> None:
    with pytest.raises(RuleBroken) as raised:
        await check_target(url, _always(PUBLIC), loopback=False)
    assert raised.value.field == "url"


async def test_a_plain_https_address_is_taken() -> None:
    await check_target("https://mot-cua.example.vn:8443/nhan?a=b", _always(PUBLIC), loopback=False)


async def test_http_leads_to_this_machine_only_where_that_is_allowed() -> None:
    await check_target("http://a.test/", _always("127.0.0.1"), loopback=True)
    with pytest.raises(RuleBroken):
        await check_target("http://a.test/", _always(PUBLIC), loopback=True)


async def test_one_refused_address_among_others_refuses_the_host() -> None:
    with pytest.raises(AddressRefused):
        await checked("a.test", 443, _always(PUBLIC, "10.0.0.1"), loopback=False)


async def test_a_name_that_leads_elsewhere_at_the_second_question_reaches_nothing() -> None:
    connected = asyncio.Event()

    async def come(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        writer.close()

    server = await asyncio.start_server(come, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    turn = iter([[PUBLIC], ["127.0.0.1"], [PUBLIC, "127.0.0.1"]])

    async def changing(_: str, __: int) -> Sequence[Address]:
        return [ip_address(each) for each in next(turn)]

    async with server:
        await check_target(f"https://a.test:{port}/", changing, loopback=False)
        for _ in range(2):
            poster = Poster(loopback=False, ask=changing)
            assert await poster.post(f"http://a.test:{port}/", {}, b"{}", NOW) == Answer(
                failure=Failure.ADDRESS_REFUSED
            )
    assert not connected.is_set()


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    asked: list[str] = []

    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(come, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        poster = Poster(loopback=True, ask=_always("127.0.0.1"))
        assert await poster.post(f"http://nowhere.invalid:{port}/a", {}, b"{}", NOW) == Answer(status=204)
    assert f"Host: nowhere.invalid:{port}".lower() in asked[0].lower()


async def test_a_host_without_an_address_is_told_apart() -> None:
    with pytest.raises(RuleBroken):
        await check_target("https://nowhere.invalid/", _nothing, loopback=False)
    answer = await Poster(loopback=False, ask=_nothing).post("https://nowhere.invalid/", {}, b"{}", NOW)
    assert answer == Answer(failure=Failure.NO_ADDRESS)


def _always(*texts: str) -> Resolve:
    async def ask(_: str, __: int) -> Sequence[Address]:
        return [ip_address(each) for each in texts]

    return ask


async def _nothing(_: str, __: int) -> Sequence[Address]:
    raise OSError("no such name")

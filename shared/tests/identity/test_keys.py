"""Keys are exchanged while requests come: none of those is refused, and the issuer is hardly asked."""

import asyncio

import pytest

from cchc_shared.identity import keys as module
from cchc_shared.identity.fetching import KeysAway, KeySet
from cchc_shared.identity.issuers import Issuer
from cchc_shared.identity.keys import BURST, MAX_AGE, PAUSE, PublishedKeys
from cchc_shared.identity.refusals import Refused
from tests.support.issuers import KeyServer, issuer


class Watch:
    """The machine's seconds, which pass when a test says so; each look takes a little."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 1e-6
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(module, "monotonic", made)
    return made


@pytest.fixture
def server() -> KeyServer:
    return KeyServer()


@pytest.fixture
def keys(server: KeyServer, watch: Watch) -> PublishedKeys:
    return PublishedKeys(issuer(), server.fetch)


async def ask(keys: PublishedKeys, name: str) -> str:
    """What comes of asking for a key."""
    try:
        return str((await keys.key(name, "EdDSA")).key_id)
    except Refused:
        return "refused"
    except KeysAway:
        return "away"


async def renewed(keys: PublishedKeys) -> None:
    if keys._renewal is not None:
        await keys._renewal


async def test_who_comes_together_waits_for_one_fetch(keys: PublishedKeys, server: KeyServer) -> None:
    assert set(await asyncio.gather(*(ask(keys, server.newest) for _ in range(200)))) == {server.newest}
    assert (server.fetched, server.most_at_once) == (1, 1)


async def test_keys_change_under_load_and_nobody_is_refused(keys: PublishedKeys, server: KeyServer) -> None:
    rotations = int(BURST) - 1
    begun = asyncio.Event()

    async def caller(number: int) -> list[str]:
        found = []
        for _ in range(30):
            name = server.newest  # signed just now, so its key is published
            found += [await ask(keys, name) == name]
            begun.set()
            await asyncio.sleep(0)
        return ["refused" for good in found if not good]

    async def rotate() -> None:
        await begun.wait()
        for _ in range(rotations):
            for _ in range(20):
                await asyncio.sleep(0)
            server.rotate()

    refused = await asyncio.gather(rotate(), *(caller(number) for number in range(100)))
    assert [each for each in refused if each] == []
    assert server.fetched <= 1 + rotations
    assert server.most_at_once == 1


async def test_a_key_published_while_keys_are_fetched_is_found(keys: PublishedKeys, server: KeyServer) -> None:
    first = asyncio.create_task(ask(keys, "made up"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert server.fetched == 1
    server.rotate()  # too late for the answer that is on its way
    assert await ask(keys, server.newest) == server.newest
    assert await first == "refused"
    assert server.fetched == 2


async def test_made_up_keys_cause_few_fetches(keys: PublishedKeys, server: KeyServer, watch: Watch) -> None:
    found = [await ask(keys, f"made up {number}") for number in range(100)]
    assert server.fetched == BURST
    assert found == ["refused"] * int(BURST) + ["away"] * (100 - int(BURST))
    watch.now += PAUSE
    server.rotate()
    assert await ask(keys, server.newest) == server.newest
    assert server.fetched == BURST + 1


async def test_keys_stay_good_while_their_issuer_is_away(keys: PublishedKeys, server: KeyServer, watch: Watch) -> None:
    known = server.newest
    assert await ask(keys, known) == known
    server.away = True
    for _ in range(20):
        watch.now += MAX_AGE
        assert await ask(keys, known) == known
        await renewed(keys)
    server.rotate()
    assert await ask(keys, server.newest) == "away"
    server.away = False
    watch.now += PAUSE
    assert await ask(keys, server.newest) == server.newest


async def test_without_any_key_nobody_can_be_told(keys: PublishedKeys, server: KeyServer) -> None:
    server.away = True
    assert await asyncio.gather(*(ask(keys, server.newest) for _ in range(50))) == ["away"] * 50
    assert server.fetched <= 2, "one for the first, and one for all who came after it had begun"
    server.away = False
    assert await ask(keys, server.newest) == server.newest


async def test_who_has_just_started_asks_once_more(server: KeyServer, watch: Watch) -> None:
    async def stumbles(of: Issuer) -> KeySet:
        server.away = not server.fetched
        return await server.fetch(of)

    keys = PublishedKeys(issuer(), stumbles)
    assert await asyncio.gather(*(ask(keys, server.newest) for _ in range(50))) == [server.newest] * 50
    assert server.fetched == 2


async def test_old_keys_are_renewed_once_and_nobody_waits(keys: PublishedKeys, server: KeyServer, watch: Watch) -> None:
    known = server.newest
    await ask(keys, known)
    watch.now += MAX_AGE + 1
    server.rotate(withdraw=True)
    assert {await ask(keys, known) for _ in range(10)} == {known}
    await renewed(keys)
    assert server.fetched == 2
    assert await ask(keys, known) == "refused", "its issuer has withdrawn it"


async def test_a_key_is_for_its_algorithm_alone(keys: PublishedKeys, server: KeyServer) -> None:
    with pytest.raises(Refused):
        await keys.key(server.newest, "RS256")


async def test_who_leaves_while_fetching_for_others_leaves_it_to_them(keys: PublishedKeys, server: KeyServer) -> None:
    waiting = [asyncio.create_task(ask(keys, name)) for name in ("made up", "made up too", "late")]
    assert await waiting[0] == "refused"
    for _ in range(3):
        await asyncio.sleep(0)
    assert (server.fetched, server.at_once) == (2, 1)
    waiting[1].cancel()
    assert await waiting[2] == "refused"
    assert server.fetched == 3


async def test_who_leaves_while_waiting_keeps_nobody_else_from_being_served(
    keys: PublishedKeys, server: KeyServer
) -> None:
    first = asyncio.create_task(ask(keys, server.newest))
    others = [asyncio.create_task(ask(keys, server.newest)) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    assert set(await asyncio.gather(*others)) == {server.newest}

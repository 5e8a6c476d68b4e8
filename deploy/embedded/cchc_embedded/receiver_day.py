"""A day at a receiver of webhooks: genuine messages, repeated ones, and some that it has to refuse.

What is sent is made and signed by the code that makes and signs what the system sends. Each rule is a line of the
guide, by its words: what a receiver breaks is shown as that line.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from cchc_embedded.paths import REPOSITORY
from cchc_shared.contract.provenance import Text
from notify.audience.domain import Happening, body_of
from notify.webhooks import signing
from notify.webhooks.domain import GONE, Answer
from notify.webhooks.posting import Poster

GUIDE: Final = REPOSITORY / "docs" / "guides" / "webhooks.md"
ANSWER: Final = "answer 2xx within 20 seconds"
VERIFY: Final = "Verify the signature"
LATELY: Final = "more than five minutes"
AGAIN: Final = "each message comes at least once"
IN_ORDER: Final = "messages of one thing come in order"
ROTATED: Final = "messages carry two signatures for a day"
REDIRECT: Final = "redirects are failures"
DISABLES: Final = "`410` disables the webhook"
PUBLIC: Final = "leads to an address that anybody on the Internet reaches"
RULES: Final = (ANSWER, VERIFY, LATELY, AGAIN, IN_ORDER, ROTATED, REDIRECT, DISABLES, PUBLIC)
"""Words that stand in one line of the guide each."""
TYPE: Final = "vn.hanoi.cchc.dossier.status_changed.v1"
OLD: Final = timedelta(minutes=10)
_REDIRECTS: Final = range(300, 400)
_REFUSALS: Final = range(400, 500)


class Step(NamedTuple):
    """What was tried, and the rule that was broken by it; None: all is well."""

    tried: Text
    answer: Answer
    broken: str | None


class Line(NamedTuple):
    """A line of the guide, counted from 1."""

    number: int
    words: str


@dataclass(frozen=True)
class Receiver:
    """The vendor's side: its address and the secret that it was given."""

    url: str
    secret: bytes
    poster: Poster

    async def send(self, body: str, headers: Mapping[str, str]) -> Answer:
        """Send one message once."""
        return await self.poster.post(self.url, headers, body.encode(), datetime.now(UTC))

    async def deliver(self, happening: Happening) -> Answer:
        """Send a genuine message."""
        body = body_of(happening, happening.units)
        return await self.send(body, self.signed(happening.event_id, body, datetime.now(UTC)))

    def signed(self, message: UUID, body: str, at: datetime, *others: bytes) -> Mapping[str, str]:
        """The headers of a message, signed with the secret and before it with others."""
        return signing.headers((*others, self.secret), str(message), at, body.encode())


def line_of(rule: str, guide: Path = GUIDE) -> Line:
    """Where the guide says it."""
    for number, words in enumerate(guide.read_text("utf-8").splitlines(), 1):
        if rule in words:
            return Line(number, words)
    raise ValueError(f"{guide.name} does not say: {rule}")


async def play(receiver: Receiver) -> AsyncIterator[Step]:
    """The day, step by step."""
    first = happening("H26.11-260302-0001", 1)
    yield _taken("Một thông điệp", "One message", await receiver.deliver(first), ANSWER)
    yield _taken("Thông điệp ấy lần nữa", "The same message again", await receiver.deliver(first), AGAIN)
    for version in (2, 4):
        answer = await receiver.deliver(happening("H26.11-260302-0001", version))
        yield _taken(f"Phiên bản {version} của hồ sơ ấy", f"Version {version} of that dossier", answer, IN_ORDER)
    several = [receiver.deliver(happening(f"H26.11-260302-001{number}", 1)) for number in range(4)]
    for number, answer in enumerate(await asyncio.gather(*several), 1):
        yield _taken(f"Bốn hồ sơ cùng lúc: {number}", f"Four dossiers at once: {number}", answer, ANSWER)
    yield _taken("Hai chữ ký khi đổi khóa", "Two signatures", await _rotated(receiver), ROTATED)
    for step in await _wrong_ones(receiver):
        yield step
    last = await receiver.deliver(happening("H26.11-260302-0001", 5))
    yield _taken("Thông điệp đúng sau các thông điệp sai", "A genuine message after the wrong ones", last, ANSWER)


def happening(dossier: str, version: int) -> Happening:
    """That a dossier changed just now."""
    now = datetime.now(UTC)
    return Happening(
        event_id=uuid4(),
        type=TYPE,
        thing="dossier",
        subject=dossier,
        version=version,
        units=["so-noi-vu"],
        occurred_at=now,
        recorded_at=now,
    )


async def _rotated(receiver: Receiver) -> Answer:
    one = happening("H26.11-260302-0002", 1)
    body = body_of(one, one.units)
    return await receiver.send(body, receiver.signed(one.event_id, body, datetime.now(UTC), b"another secret"))


async def _wrong_ones(receiver: Receiver) -> Sequence[Step]:
    """Messages that nobody but an attacker sends."""
    one = happening("H26.11-260302-0003", 1)
    body, now = body_of(one, one.units), datetime.now(UTC)
    genuine = receiver.signed(one.event_id, body, now)
    strange = signing.headers((b"another secret",), str(one.event_id), now, body.encode())
    unsigned = {name: value for name, value in genuine.items() if name != "webhook-signature"}
    old = receiver.signed(one.event_id, body, now - OLD)
    return [
        _refused("Chữ ký bằng khóa khác", "Signed with another secret", await receiver.send(body, strange), VERIFY),
        _refused("Không có chữ ký", "Without a signature", await receiver.send(body, unsigned), VERIFY),
        _refused(
            "Nội dung bị sửa",
            "The body was changed",
            await receiver.send(body.replace("0003", "0004"), genuine),
            VERIFY,
        ),
        _refused("Ký từ mười phút trước", "Signed ten minutes ago", await receiver.send(body, old), LATELY),
    ]


def _taken(vi: str, en: str, answer: Answer, rule: str) -> Step:
    return Step(Text(vi, en), answer, None if answer.taken else _fault(answer, rule))


def _refused(vi: str, en: str, answer: Answer, rule: str) -> Step:
    return Step(Text(vi, en), answer, _fault(answer, None if answer.status in _REFUSALS else rule))


def _fault(answer: Answer, otherwise: str | None) -> str | None:
    """The rule that an answer breaks whatever was sent."""
    if answer.failure is not None:
        return ANSWER if answer.failure == "timeout" else PUBLIC
    if answer.status == GONE:
        return DISABLES
    return REDIRECT if answer.status in _REDIRECTS else otherwise

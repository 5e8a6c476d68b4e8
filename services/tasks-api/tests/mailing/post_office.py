"""A real mail server that refuses on demand, and the worker that hands mails to it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.assembly import opened
from cchc_shared.service.context import Context
from cchc_shared.service.timers import TimerLoop
from tasks_api.bootstrap import FEATURES
from tasks_api.mailing.models import mails
from tasks_api.mailing.sending import Away, Post
from tasks_api.mailing.timers import GATHERING
from tasks_api.settings import WorkerSettings
from tests.support.http import Json
from tests.support.tasks import Api

SENDER = "cchc@hanoi.example.vn"


@dataclass
class PostOffice:
    """What the server took, and what it answers to each address. `dies`: it hangs up when it has the mail, unanswered,
    so many times."""

    port: int = 0
    taken: list[Message] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    sender: str = "250 OK"
    dies: int = 0

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.sender

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.taken.append(message_from_bytes(envelope.content))
        if self.dies:
            self.dies -= 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"

    def to(self, address: str) -> list[Message]:
        return [message for message in self.taken if message["To"] == address]


@contextmanager
def post_office(port: int = 0) -> Iterator[PostOffice]:
    """The server, on a port of its own."""
    office = PostOffice(port or free_port())
    controller = Controller(office, hostname="127.0.0.1", port=office.port, enable_SMTPUTF8=True)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def worker(api: Api, port: int | None) -> AsyncIterator[Context]:
    """A worker of that database; `port` of its mail server, None where it has none."""
    given = api.here.settings.model_dump(by_alias=True, exclude={"clock"})
    mail = {} if port is None else {"CCHC_SMTP_URL": f"smtp://127.0.0.1:{port}", "CCHC_MAIL_FROM": SENDER}
    settings = WorkerSettings(**{**given, **mail})
    async with opened("tasks-worker", settings, FEATURES, api.here.clock) as here:
        yield here


def post_of(here: Context) -> Post:
    assert isinstance(here.settings, WorkerSettings)
    server = here.settings.mail_server
    assert server is not None
    return Post(here.engine, here.clock, server, SENDER)


async def gathered(here: Context, clock: FixedClock) -> None:
    """The next slot has come: one mail is made of what waits."""
    loop = TimerLoop(here, (), (), (GATHERING,))
    await loop.round()  # a tick that is new counts as run
    clock.advance(GATHERING.every)
    await loop.round()
    assert loop.health().ready


async def delivered(post: Post) -> None:
    """Everything that can be sent now was handed in."""
    while await post.round():
        pass


async def tried(post: Post) -> bool:
    """Whether the server was there."""
    try:
        await delivered(post)
    except Away:
        return False
    return True


async def mailbox(api: Api, unit: str, **address: str) -> None:
    """Mailboxes of a unit, by role."""
    items = [{"role": role, "address": each} for role, each in address.items()]
    answer = await api.send("PUT", f"/v1/units/{unit}/mailboxes", api.operator, json={"items": items})
    assert answer.status_code == 200, answer.text


async def listed(api: Api, **query: str | int) -> list[Json]:
    answer = await api.get("/v1/mails", api.operator, **query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def rows(engine: AsyncEngine) -> list[Row[tuple[object, ...]]]:
    async with engine.connect() as conn:
        return list((await conn.execute(select(mails).order_by(mails.c.id))).all())

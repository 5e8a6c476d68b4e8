"""Hands mails to the server, beside the timed work of the process: a server that hangs keeps nothing else waiting.

A mail is leased in one transaction, handed in without one, and marked in a second. Between the server's answer and the
mark the process may die: then the mail is sent again, under the same Message-ID, by which mail programs know it. More
than that SMTP does not offer.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog import get_logger

from cchc_shared.calendar.clock import Clock
from cchc_shared.service.beside import ended
from tasks_api.mailing import repository
from tasks_api.mailing.domain import GIVEN_UP_AFTER, Mail, pause, refusal
from tasks_api.settings import MailServer

log = get_logger()

MAILS: Final = Counter("cchc_mails_total", "Mails by what became of them at an attempt", ["outcome"])

AT_ONCE: Final = 20
LEASE: Final = timedelta(minutes=5)
"""So long nobody else sends what one process has taken."""
SENDING_SECONDS: Final = 240.0
"""After that nothing more of a lease is handed in: another process may have it soon."""
ANSWER_SECONDS: Final = 15.0
IDLE_SECONDS: Final = 1.0
AWAY_SECONDS: Final = 60.0
"""The longest pause before a server that is away is asked again."""
_CLOSING: Final = 421
_FOR_EVER: Final = 500
"""From here on a code says that the mail will never be taken; those below, that it may be later (RFC 5321, 4.2.1)."""


class Away(Exception):
    """The server does not take mails now: nothing is wrong with the mail itself."""


@dataclass
class Post:
    """Sends what waits, one batch after the other, for as long as the process lives."""

    engine: AsyncEngine
    clock: Clock
    server: MailServer
    sender: str
    _task: asyncio.Task[None] | None = field(default=None, init=False)

    def start(self) -> None:
        """Send from now on, beside whatever else this process does."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Send no more. What was taken and not sent yet is sent by whoever comes after the lease."""
        if self._task is not None:
            await ended(self._task)

    async def _run(self) -> None:
        rest = IDLE_SECONDS
        while True:
            try:
                busy = await self.round()
                rest = 0.0 if busy else IDLE_SECONDS
            except Exception as error:  # noqa: BLE001 - the server or the database is away: it is tried again
                rest = min(max(2 * rest, IDLE_SECONDS), AWAY_SECONDS)
                log.warning("mail not sent", error=type(error).__name__, again_in_seconds=rest)
            await asyncio.sleep(rest)

    async def round(self) -> bool:
        """Send one batch; whether there was one. Raises `Away`, and then nothing but time is lost."""
        now = self.clock.now()
        async with self.engine.begin() as conn:
            taken = await repository.lease(conn, now, now + LEASE, AT_ONCE)
        if not taken:
            return False
        left = {mail.id for mail in taken}
        try:
            async with asyncio.timeout(SENDING_SECONDS), self._connected() as smtp:
                for mail in taken:
                    left.discard(mail.id)
                    await self._hand_in(smtp, mail)
        except (SMTPException, OSError, TimeoutError) as error:
            raise Away from error
        finally:
            if left:
                async with self.engine.begin() as conn:
                    await repository.release(conn, left, self.clock.now())
        return True

    def _connected(self) -> SMTP:
        server = self.server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            start_tls=True if server.upgraded else None,  # None: where the server offers it
            timeout=ANSWER_SECONDS,
        )

    async def _hand_in(self, smtp: SMTP, mail: Mail) -> None:
        """Send one mail and mark what became of it. Raises `Away` where the connection is of no use any more."""
        try:
            await smtp.send_message(self._message(mail), sender=self.sender, recipients=[mail.address])
        except SMTPRecipientsRefused as error:
            await self._not_taken(mail, error.recipients[0])
        except SMTPNotSupported:
            await self._not_taken(mail, SMTPResponseException(553, "SMTPUTF8 is not supported"))
        except SMTPResponseException as error:
            if isinstance(error, SMTPSenderRefused) or error.code == _CLOSING:
                await self._later(mail)
                raise Away from error
            await self._not_taken(mail, error)
        except (SMTPException, OSError) as error:
            await self._later(mail)  # it may have been taken: nobody knows
            raise Away from error
        else:
            async with self.engine.begin() as conn:
                await repository.sent(conn, mail.id, self.clock.now())
            MAILS.labels("sent").inc()

    async def _not_taken(self, mail: Mail, said: SMTPResponseException) -> None:
        old = self.clock.now() - mail.made_at >= GIVEN_UP_AFTER
        if said.code < _FOR_EVER and not old:
            await self._later(mail)
            return
        async with self.engine.begin() as conn:
            await repository.refuse(conn, mail.id, refusal(said.code, said.message, mail.address))
        MAILS.labels("refused").inc()
        log.warning("mail refused", mail=mail.id, code=said.code)

    async def _later(self, mail: Mail) -> None:
        async with self.engine.begin() as conn:
            await repository.postpone(conn, mail.id, self.clock.now() + pause(mail.attempts + 1))
        MAILS.labels("postponed").inc()

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = mail.address
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(mail.made_at)
        message["Message-ID"] = mail.message_id
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer by a machine
        message.set_content(mail.body)
        return message

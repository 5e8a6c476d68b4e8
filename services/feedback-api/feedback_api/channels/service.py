"""Taking in what a channel's software sends: its adapter reads it, intake takes it as any other report."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Role
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.files.forms import Given
from cchc_shared.files.images import Overdue
from cchc_shared.http import kinds
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import field_error
from cchc_shared.http.language import language_of
from cchc_shared.http.problems import Problem, invalid, overloaded
from cchc_shared.http.tokens import unauthenticated
from feedback_api.attachments.access import Attacher
from feedback_api.attachments.schemas import Words
from feedback_api.attachments.service import Attachments
from feedback_api.channels import domain, hotline, letters, mail, national_portal, repository, zalo
from feedback_api.channels.domain import Ignored, Message
from feedback_api.channels.letters import Enclosed
from feedback_api.channels.problems import SIGNATURE_WRONG
from feedback_api.channels.rules import ChannelRules
from feedback_api.channels.schemas import Delivery, DeliveryStatus, HotlineCall, PortalReport, ZaloEvent
from feedback_api.intake.acknowledgement import warned
from feedback_api.intake.domain import Request
from feedback_api.intake.notices import WORDS, Notice, NoticeCode
from feedback_api.intake.schemas import FeedbackIn, WarningOut
from feedback_api.intake.service import ANYONE, Intake
from feedback_api.reports.attachments import Side

ZALO: Final = Principal("zalo", frozenset({Role.SYSTEM}), None)
"""Who sends what Zalo has signed: its webhook carries no token."""


PATIENCE_SECONDS: Final = 60.0
"""For the files of one mail; those that are left then come with the mail when it is sent again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Who sent something, under which key, and in which language it is answered."""

    caller: Principal | None
    key: str | None
    digest: bytes
    accept_language: str | None

    @property
    def request(self) -> Request:
        """What makes two of them the same."""
        return Request(ANYONE if self.caller is None else self.caller.sub, self.key, self.digest)


class _Left(Exception):
    """A file does not become an attachment."""

    def __init__(self, code: NoticeCode, why: Text | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.why = why


@dataclass(frozen=True, slots=True)
class Channels:
    """The use cases of the channels' software. Each answers after the commit, or raises a problem."""

    intake: Intake
    reading: AsyncEngine
    clock: Clock
    rules: ChannelRules
    attachments: Attachments
    zalo_secret: str | None

    async def email(self, raw: Path, sent: Sent) -> Delivery:
        """A mail in a file, in a folder of its own that is deleted afterwards. Its files follow the report.

        A crash between the two is mended by the same mail sent again: what is here already stays as it is.
        """
        rule, without_text = self.rules.email, self.rules.words.without_text
        try:
            letter = await letters.read_apart(raw, without_text, rule.ornament_pixels, self.attachments.places)
        except mail.OutOfBounds as error:
            raise RuleBroken(
                "", "có quá nhiều phần, hoặc tiêu đề quá dài", "has too many parts, or too long a header"
            ) from error
        except Overdue as error:
            raise overloaded() from error
        message, files = (letter, ()) if isinstance(letter, Ignored) else letter
        attached = [each.sha256.hex() for each in files]
        delivery = await self._deliver(Channel.EMAIL, message, rule.kind, rule.sent_within, sent, attached)
        if delivery.code is not None:
            await self._enclose(delivery, delivery.code, files, sent)
        return delivery

    async def _enclose(self, delivery: Delivery, code: str, files: Sequence[Enclosed], sent: Sent) -> None:
        """Make attachments of the files, one after the other. What cannot be one is a warning that names it."""
        attacher = Attacher(code, Side.SENDER, None if sent.caller is None else sent.caller.sub)
        patience = time.monotonic() + PATIENCE_SECONDS
        for number, each in enumerate(files):
            try:
                kept = await self._attach(attacher, each, patience)
            except _Left as left:
                said = left.why or WORDS[left.code]
                vi, en = (f"“{each.name}”: {text}" if each.name else text for text in (said.vi, said.en))
                words = vi if language_of(sent.accept_language) == "vi" else en
                delivery.warnings.append(WarningOut(f"body.attachments.{number}", left.code, words))
            else:
                delivery.attachments_kept.append(kept)

    async def _attach(self, attacher: Attacher, file: Enclosed, until: float) -> str:
        """The path of the attachment that a file becomes. Raises `_Left`."""
        if file.ornament:
            raise _Left(NoticeCode.ATTACHMENT_LEFT_OUT)
        if time.monotonic() > until:
            raise _Left(NoticeCode.ATTACHMENT_UNAVAILABLE)
        try:
            reply = await self.attachments.take(attacher, Words(), Given(file.file, file.size, file.sha256))
        except RuleBroken as error:
            raise _Left(NoticeCode.ATTACHMENT_REFUSED, error.message) from error
        except Problem as problem:
            if problem.status >= 500:
                raise _Left(NoticeCode.ATTACHMENT_UNAVAILABLE) from problem
            why = next((Text(each.vi, each.en) for each in problem.errors), problem.kind.says)
            raise _Left(NoticeCode.ATTACHMENT_REFUSED, why) from problem
        return reply.headers["Location"]

    async def zalo(self, event: ZaloEvent, raw: bytes, signature: str | None, sent: Sent) -> Delivery:
        """An event of a Zalo account: signed by Zalo where this city shares a secret with it, else from who may report.

        Raises a problem for anything else.
        """
        if self.zalo_secret is not None:
            if not zalo.is_signed(raw, signature or "", event.app_id or "", event.timestamp or "", self.zalo_secret):
                raise Problem(SIGNATURE_WRONG)
            sent = replace(sent, caller=sent.caller or ZALO)
        if sent.caller is None:
            raise unauthenticated()
        if not sent.caller.has(Role.SYSTEM):
            raise Problem(kinds.FORBIDDEN, extra={"roles": [Role.SYSTEM]})
        rule = self.rules.zalo
        message = zalo.read(event, self.rules.words)
        return await self._deliver(Channel.ZALO, message, rule.kind, rule.sent_within, sent)

    async def hotline(self, call: HotlineCall, sent: Sent) -> Delivery:
        """A recorded call."""
        rule = self.rules.hotline
        message = hotline.read(call, self.rules.words)
        return await self._deliver(Channel.HOTLINE, message, rule.kind, rule.sent_within, sent)

    async def national_portal(self, report: PortalReport, sent: Sent) -> Delivery:
        """A report that the portal passes on, answered with what the portal may show of it."""
        message = national_portal.read(report, self.rules.national_portal)
        return await self._deliver(Channel.NATIONAL_PORTAL, message, FeedbackKind.PROCEDURE, None, sent)

    async def _deliver(
        self,
        channel: Channel,
        message: Message | Ignored,
        kind: FeedbackKind,
        within: timedelta | None,
        sent: Sent,
        attached: Sequence[str] | None = None,
    ) -> Delivery:
        message = domain.fitted(message)
        if isinstance(message, Ignored):
            return Delivery(status=DeliveryStatus.IGNORED, reason=message.because, attachments_kept=[], warnings=[])
        notices = list(message.notices)
        received_at = domain.believed(message.sent_at, self.clock.now(), within)
        if received_at is None and message.sent_at is not None:
            notices.append(Notice("body.received_at", NoticeCode.TIME_NOT_TAKEN))
        reply_to = await self._answered(channel, message)
        if reply_to is not None:
            notices.append(Notice("body.reply_to", NoticeCode.REPLY))
        try:
            report = FeedbackIn.model_validate(domain.body(message, channel, kind, received_at))
        except ValidationError as error:
            raise invalid([field_error(each) for each in error.errors()]) from error
        taken = await self.intake.take(
            report, sent.caller, sent.request, reply_to=reply_to, attached=attached, notices=notices
        )
        said = taken.answer.acknowledgement
        return Delivery(
            status=DeliveryStatus.ACCEPTED if taken.answer.status == 201 else DeliveryStatus.REPEATED,
            code=said.code,
            tracking_secret=taken.secret,
            reply_to=reply_to,
            attachments_kept=[],
            channel_status=self._shown(channel, said.status),
            warnings=warned(said.warnings, sent.accept_language),
        )

    def _shown(self, channel: Channel, status: FeedbackStatus) -> str | None:
        return national_portal.shown(status, self.rules.national_portal) if channel is Channel.NATIONAL_PORTAL else None

    async def _answered(self, channel: Channel, message: Message) -> str | None:
        """The report that this one answers, if it is one of ours."""
        refs = [domain.bounded_ref(each) for each in message.answers]
        if not refs:
            return None
        async with self.reading.connect() as conn:
            return await repository.first_known(conn, channel, refs)

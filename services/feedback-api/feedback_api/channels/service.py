"""Taking in what a channel's software sends: its adapter reads it, intake takes it as any other report."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http import kinds
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import field_error
from cchc_shared.http.problems import Problem, invalid
from cchc_shared.http.tokens import unauthenticated
from feedback_api.channels import domain, hotline, mail, national_portal, repository, zalo
from feedback_api.channels.domain import Ignored, Message
from feedback_api.channels.problems import SIGNATURE_WRONG
from feedback_api.channels.rules import ChannelRules
from feedback_api.channels.schemas import Delivery, DeliveryStatus, HotlineCall, PortalReport, ZaloEvent
from feedback_api.intake.acknowledgement import warned
from feedback_api.intake.domain import Request
from feedback_api.intake.notices import Notice, NoticeCode
from feedback_api.intake.schemas import FeedbackIn
from feedback_api.intake.service import ANYONE, Intake

ZALO: Final = Principal("zalo", frozenset({Role.SYSTEM}), None)
"""Who sends what Zalo has signed: its webhook carries no token."""


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


@dataclass(frozen=True, slots=True)
class Channels:
    """The use cases of the channels' software. Each answers after the commit, or raises a problem."""

    intake: Intake
    reading: AsyncEngine
    clock: Clock
    rules: ChannelRules
    zalo_secret: str | None

    async def email(self, raw: bytes, sent: Sent) -> Delivery:
        """A mail. It is read beside the loop: ten megabytes take a while."""
        try:
            message = await asyncio.to_thread(mail.read, raw)
        except mail.OutOfBounds as error:
            raise RuleBroken(
                "", "có quá nhiều phần, hoặc tiêu đề quá dài", "has too many parts, or too long a header"
            ) from error
        rule = self.rules.email
        return await self._deliver(Channel.EMAIL, message, rule.kind, rule.sent_within, sent)

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
        self, channel: Channel, message: Message | Ignored, kind: FeedbackKind, within: timedelta | None, sent: Sent
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
        taken = await self.intake.take(report, sent.caller, sent.request, reply_to=reply_to, notices=notices)
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

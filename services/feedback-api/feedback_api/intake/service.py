"""Receiving a report: check, route, count its deadlines, write, acknowledge."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal
from cchc_shared.http.problems import FieldError, Problem, invalid
from cchc_shared.service import logs
from cchc_shared.storage.idempotency import Reply
from feedback_api.clocks.domain import Deadlines, Timing
from feedback_api.contacts.cipher import Contact
from feedback_api.directory.service import FRESH, MAX_AGE, Directory
from feedback_api.intake.domain import Draft, Request
from feedback_api.intake.schemas import FeedbackIn, ReporterIn
from feedback_api.intake.secrets import TrackingSecrets
from feedback_api.intake.writer import IntakeWriter
from feedback_api.routing.domain import Routed, Router, UnknownUnit
from feedback_api.routing.problems import no_desk
from feedback_api.rules import FeedbackRules, NoRuleInForce

ANYONE = ""
"""Stands for the caller of a request without a token, among whom a key must be unguessable."""

CHANNEL_ITSELF = ""
"""Owns the ids that the channel's software and officials give."""
SPEAK_FOR_CHANNELS = (Role.SYSTEM, Role.OFFICER, Role.UNIT_HEAD, Role.COORDINATOR, Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class Intake:
    """The use case, with what it needs."""

    clock: Clock
    calendar: WorkingCalendar
    rules: FeedbackRules
    deadlines: Deadlines
    router: Router
    directory: Directory
    secrets: TrackingSecrets
    writer: IntakeWriter

    async def receive(self, report: FeedbackIn, caller: Principal | None, key: str | None, digest: bytes) -> Reply:
        """The acknowledgement after the commit: 201 for a new report, 200 for one that was sent before.

        Raises a problem for what the city's rules do not allow.
        """
        now = self.clock.now()
        received_at = self._received_at(report, caller, now)
        if report.category is not None and report.category not in self.rules.categories.names:
            raise invalid([FieldError("body.category", "không có trong danh mục", "is not in the list of categories")])
        received_on = self.calendar.local_date(received_at)
        routed = await self._route(report, received_on)
        accept_due_at, resolve_due_at = self.deadlines.of_new(Timing(report.kind, report.severity, received_at))
        request = Request(ANYONE if caller is None else caller.sub, key, digest)
        draft = Draft(
            request=request,
            channel=report.channel,
            channel_owner=_channel_owner(report, caller),
            channel_ref=report.channel_ref,
            kind=report.kind,
            category=report.category,
            severity=report.severity,
            title=report.title or None,
            content=report.content,
            lat=None if report.location is None else report.location.lat,
            lon=None if report.location is None else report.location.lon,
            address=None if report.location is None else report.location.address,
            unit=routed.unit,
            routing=routed.trace,
            submitted_by=None if caller is None else caller.sub,
            role=None if caller is None else _role(caller),
            contact=_contact(report.reporter),
            secret=self.secrets.new(request.caller, key, digest),
            received_at=received_at,
            recorded_at=now,
            accept_due_at=accept_due_at,
            resolve_due_at=resolve_due_at,
            year=received_on.year,
            traceparent=logs.traceparent.get(),
        )
        reply = await self.writer.submit(draft)
        return _with_secret(reply, draft.secret) if reply.status == 201 else reply

    def _received_at(self, report: FeedbackIn, caller: Principal | None, now: datetime) -> datetime:
        if report.received_at is None:
            return now
        field = "body.received_at"
        if caller is None or not caller.has(Role.SYSTEM):
            raise Problem(
                403,
                "received-at-not-yours",
                vi="Chỉ phần mềm kênh tiếp nhận được gửi received_at.",
                en="Only channel software may give received_at.",
                errors=[FieldError(field, "chỉ dành cho vai trò system", "is for the role system only")],
            )
        if report.received_at > now:
            raise invalid([FieldError(field, "không được ở tương lai", "must not be in the future")])
        try:
            received_on = self.calendar.local_date(report.received_at)
            self.calendar.is_working_day(received_on)
            in_force = received_on >= self.rules.effective_from
        except (ValueError, OverflowError):
            in_force = False
        if not in_force:
            raise invalid([FieldError(field, "trước ngày quy định có hiệu lực", "is before any rule was in force")])
        return report.received_at.astimezone(UTC)

    async def _route(self, report: FeedbackIn, received_on: date) -> Routed:
        for max_age in (MAX_AGE, FRESH):
            units = await self.directory.units(max_age)
            try:
                return self.router.route(units, report.kind, report.severity, received_on, report.unit)
            except (UnknownUnit, NoRuleInForce) as error:
                missing: Exception = error
        if isinstance(missing, UnknownUnit):
            raise invalid(
                [FieldError("body.unit", "không có đơn vị này vào ngày tiếp nhận", "is no unit on the day of receipt")]
            )
        raise no_desk() from missing


def _channel_owner(report: FeedbackIn, caller: Principal | None) -> str:
    """Whose the given id is. A channel's ids can be guessed: no stranger may take one before the channel does."""
    if caller is not None:
        return CHANNEL_ITSELF if caller.has(*SPEAK_FOR_CHANNELS) else caller.sub
    if report.channel_ref is not None:
        raise Problem(
            403,
            "channel-ref-not-yours",
            vi="Cần mã truy cập để gửi channel_ref.",
            en="A token is required to give channel_ref.",
            errors=[FieldError("body.channel_ref", "cần mã truy cập", "requires a token")],
        )
    return ANYONE


def _role(caller: Principal) -> str | None:
    return min(caller.roles, default=None)


def _contact(reporter: ReporterIn | None) -> Contact | None:
    if reporter is None:
        return None
    contact = Contact(reporter.name, reporter.phone, reporter.email, reporter.anonymous)
    return None if contact == Contact() else contact


def _with_secret(reply: Reply, secret: str) -> Reply:
    body = reply.body[:-1] + b',"tracking_secret":' + msgspec.json.encode(secret) + b"}"
    return Reply(reply.status, body, reply.headers)

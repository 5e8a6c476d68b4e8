"""Receiving a report: check, route, count its deadlines, write, acknowledge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.trace import traceparent
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem
from cchc_shared.storage.idempotency import Reply
from feedback_api.deadlines.domain import Deadlines, Timing
from feedback_api.directory.service import FRESH, Directory
from feedback_api.intake.domain import NewReport, Request
from feedback_api.intake.rules import IntakeRules
from feedback_api.intake.schemas import FeedbackIn, PlainReporter, Report, ReporterIn
from feedback_api.intake.writer import IntakeWriter
from feedback_api.reports.contacts import Contact
from feedback_api.reports.domain import Feedback, Submission
from feedback_api.reports.secrets import TrackingSecrets, secret_digest
from feedback_api.routing.domain import Routed, Router, UnknownUnit
from feedback_api.routing.problems import intake_desk_unavailable
from feedback_api.rulebook import Matter, NoRuleInForce

ANYONE: Final = ""
"""Stands for the caller of a request without a token; no token has an empty subject. Keys of such requests are shared:
whoever sends a used key with other words is refused, with the very same words is answered alike."""

RECEIVED_AT_FORBIDDEN: Final = kind(
    "received-at-forbidden",
    403,
    vi="Chỉ phần mềm kênh tiếp nhận được gửi received_at.",
    en="Only channel software may give received_at.",
    mend_vi="Bỏ `received_at`, hoặc gọi bằng tài khoản của phần mềm kênh.",
    mend_en="Leave `received_at` out, or call as channel software (role `system`).",
)
CHANNEL_REF_FORBIDDEN: Final = kind(
    "channel-ref-forbidden",
    403,
    vi="Cần mã truy cập để gửi channel_ref.",
    en="A token is required to give channel_ref.",
    mend_vi="Gửi kèm mã truy cập, hoặc bỏ `channel_ref`.",
    mend_en="Send a token, or leave `channel_ref` out.",
)

CHANNEL_ITSELF: Final = ""
"""Owns the ids that the channel's software and officials give."""
SPEAK_FOR_CHANNELS: Final = (Role.SYSTEM, *UNIT_STAFF, Role.COORDINATOR, Role.OPERATOR)

_COMPUTED: Final = ("title", "unit", "received_at")
_AS_SENT: Final = tuple(
    name for name in FeedbackIn.model_fields if name in Submission.__struct_fields__ and name not in _COMPUTED
)
"""Fields of the body that are stored as they were sent. A field that `FeedbackIn` and `Submission` share is one."""


@dataclass(frozen=True, slots=True)
class Intake:
    """The use case, with what it needs."""

    clock: Clock
    calendar: WorkingCalendar
    rules: IntakeRules
    deadlines: Deadlines
    router: Router
    directory: Directory
    secrets: TrackingSecrets
    writer: IntakeWriter

    async def submit(
        self,
        report: Report,
        caller: Principal | None,
        key: str | None,
        digest: bytes,
        form: Mapping[str, Any] | None = None,
    ) -> Reply:
        """The acknowledgement after the commit: 201 for a new report, 200 for one that was sent before.

        `form` is kept with the report for officials. Raises a problem for what the city's rules do not allow.
        """
        now = self.clock.now()
        received_at = self._received_at(report, caller, now)
        if report.category is not None and report.category not in self.rules.categories.names:
            raise RuleBroken("category", "không có trong danh mục", "is not in the list of categories")
        received_on = self.calendar.local_date(received_at)
        matter = Matter(report.channel, report.kind, report.severity)
        routed = await self._route(report, matter, received_on)
        accept_due_at, resolve_due_at = self.deadlines.of_new(Timing(matter, received_at))
        request = Request(ANYONE if caller is None else caller.sub, key, digest)
        secret = self.secrets.new(request.caller, key, digest)
        channel_owner = _channel_owner(report, caller)
        feedback = Feedback(
            code=await self.writer.new_code(received_on.year),
            **{name: getattr(report, name) for name in _AS_SENT},
            channel_owner=channel_owner,
            title=report.title or None,
            lat=None if report.location is None else report.location.lat,
            lon=None if report.location is None else report.location.lon,
            address=None if report.location is None else report.location.address,
            unit=routed.unit,
            routing=routed.trace,
            submitted_by=None if caller is None else caller.sub,
            secret_digest=secret_digest(secret),
            form=form,
            received_at=received_at,
            recorded_at=now,
            accept_due_at=accept_due_at,
            resolve_due_at=resolve_due_at,
        )
        role = None if caller is None else caller.acting_as(*SPEAK_FOR_CHANNELS, *Role)
        answer = await self.writer.submit(
            NewReport(feedback, request, role, _contact(report.reporter), traceparent.get())
        )
        return answer.reply_with(secret) if answer.status == 201 else answer.reply()

    def _received_at(self, report: Report, caller: Principal | None, now: datetime) -> datetime:
        if report.received_at is None:
            return now
        if caller is None or not caller.has(Role.SYSTEM):
            raise Problem(
                RECEIVED_AT_FORBIDDEN,
                errors=[FieldError("body.received_at", "chỉ dành cho phần mềm kênh", "is for the role system only")],
            )
        if report.received_at > now:
            raise RuleBroken("received_at", "không được ở tương lai", "must not be in the future")
        try:
            received_on = self.calendar.local_date(report.received_at)
            self.calendar.is_working_day(received_on)
            in_force = received_on >= self.rules.effective_from
        except (ValueError, OverflowError):
            in_force = False
        if not in_force:
            raise RuleBroken("received_at", "trước ngày quy định có hiệu lực", "is before any rule was in force")
        return report.received_at.astimezone(UTC)

    async def _route(self, report: Report, matter: Matter, received_on: date) -> Routed:
        try:
            return self._routed(report, matter, received_on)
        except (UnknownUnit, NoRuleInForce):  # perhaps only not known yet
            await self.directory.refresh(FRESH)
        try:
            return self._routed(report, matter, received_on)
        except UnknownUnit as error:
            if not self.directory.units:
                raise intake_desk_unavailable() from error
            raise RuleBroken(
                "unit", "không có đơn vị này vào ngày tiếp nhận", "is no unit on the day of receipt"
            ) from error
        except NoRuleInForce as error:
            raise intake_desk_unavailable() from error

    def _routed(self, report: Report, matter: Matter, received_on: date) -> Routed:
        return self.router.route(self.directory.units, matter, received_on, report.unit)


def _channel_owner(report: Report, caller: Principal | None) -> str:
    """Whose the given id is. Ids of a channel can be guessed, and no stranger may take one before the channel does."""
    if caller is not None:
        return CHANNEL_ITSELF if caller.has(*SPEAK_FOR_CHANNELS) else caller.sub
    if report.channel_ref is not None:
        raise Problem(
            CHANNEL_REF_FORBIDDEN,
            errors=[FieldError("body.channel_ref", "cần mã truy cập", "requires a token")],
        )
    return ANYONE


def _contact(reporter: ReporterIn | PlainReporter | None) -> Contact | None:
    if reporter is None:
        return None
    contact = Contact(reporter.name, reporter.phone, reporter.email, reporter.anonymous)
    return None if contact == Contact() else contact

"""Receiving a report: check, route, count its deadlines, write, acknowledge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import UNIT_STAFF, Channel, Role, Severity
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.trace import traceparent
from cchc_shared.directory.domain import Unit
from cchc_shared.directory.service import FRESH, Directory
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.kinds import IDEMPOTENCY_KEY_OUTLIVED
from cchc_shared.http.problems import Problem, out_of_scope
from cchc_shared.http.tracking import secret_digest
from cchc_shared.storage.idempotency import Reply, is_outlived
from feedback_api.deadlines.domain import Deadlines, Timing
from feedback_api.intake.acknowledgement import Answer
from feedback_api.intake.domain import NewReport, Request
from feedback_api.intake.notices import Notice
from feedback_api.intake.problems import CHANNEL_FORBIDDEN, CHANNEL_REF_FORBIDDEN, RECEIVED_AT_FORBIDDEN
from feedback_api.intake.rules import IntakeRules
from feedback_api.intake.schemas import FeedbackIn, Report
from feedback_api.intake.senders import Reading, Sender
from feedback_api.intake.writer import IntakeWriter
from feedback_api.places.domain import Position
from feedback_api.reports.domain import Feedback, Submission
from feedback_api.reports.fingerprint import Fingerprints
from feedback_api.reports.reminders import Reminders
from feedback_api.reports.secrets import TrackingSecrets
from feedback_api.routing.domain import Case, Routed, Router, UnknownUnit
from feedback_api.routing.problems import intake_desk_unavailable
from feedback_api.rulebook import Matter, NoRuleInForce

ANYONE: Final = ""
"""Stands for the caller of a request without a token; no token has an empty subject. Keys of such requests are shared:
whoever sends a used key with other words is refused, with the very same words is answered alike."""

CHANNEL_ITSELF: Final = ""
"""Owns the ids that the channel's software and officials give."""
SPEAK_FOR_CHANNELS: Final = (Role.SYSTEM, *UNIT_STAFF, Role.COORDINATOR, Role.OPERATOR)

_COMPUTED: Final = ("severity", "title", "unit", "received_at")
_AS_SENT: Final = tuple(
    name for name in FeedbackIn.model_fields if name in Submission.__struct_fields__ and name not in _COMPUTED
)
"""Fields of the body that are stored as they were sent. A field that `FeedbackIn` and `Submission` share is one."""


class Taken(NamedTuple):
    """What came of a report, and the secret of a new one."""

    answer: Answer
    secret: str | None


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
    reading: Reading
    fingerprints: Fingerprints
    reminders: Reminders
    writer: IntakeWriter

    async def submit(
        self, report: Report, caller: Principal | None, key: str | None, digest: bytes, accept_language: str | None
    ) -> Reply:
        """The acknowledgement after the commit: 201 for a new report, 200 for one that was sent before.

        Raises a problem for what the city's rules do not allow, for other content under a channel's id, and for a key
        that was made so long ago that a repetition would be a second report.
        """
        if is_outlived(key, self.clock.now()):
            raise Problem(IDEMPOTENCY_KEY_OUTLIVED)
        taken = await self.take(report, caller, Request(ANYONE if caller is None else caller.sub, key, digest))
        return taken.answer.reply(taken.secret, accept_language)

    async def take(
        self,
        report: Report,
        caller: Principal | None,
        request: Request,
        *,
        reply_to: str | None = None,
        form: Mapping[str, Any] | None = None,
        attached: Sequence[str] | None = None,
        notices: Sequence[Notice] = (),
    ) -> Taken:
        """Take a report in, of which its channel has said some things already; see `submit`.

        `form` is kept with it for officials; `attached` are digests of files that came with it: part of what was sent.
        """
        now = self.clock.now()
        received_at = self._received_at(report, caller, now)
        trusted = caller is not None and caller.has(*SPEAK_FOR_CHANNELS)
        self._check_channel(report.channel, trusted=trusted)
        if caller is not None and not caller.may_send(report.channel):
            raise out_of_scope(channel=report.channel)
        if report.category is not None and report.category not in self.rules.categories.names:
            raise RuleBroken(
                "category", "không có trong danh mục ở `/v1/vocabulary`", "is not in the list at /v1/vocabulary"
            )
        severity = report.severity if trusted else Severity.NORMAL
        received_on = self.calendar.local_date(received_at)
        matter = Matter(report.channel, report.kind, severity)
        sender = self.reading.of(report.location, report.reporter)
        position = None if sender.lat is None or sender.lon is None else Position(sender.lat, sender.lon)
        case = Case(
            matter, received_at, received_on, report.content, report.title, report.category, position, report.unit
        )
        routed = await self._route(case)
        accept_due_at, resolve_due_at = self.deadlines.of_new(Timing(matter, received_at))
        secret = self.secrets.new(request.caller, request.key, request.digest)
        channel_owner = _channel_owner(report, caller)
        fingerprints = self._fingerprints(report, channel_owner, sender, form, attached)
        feedback = Feedback(
            code=await self.writer.new_code(received_on.year),
            **{name: getattr(report, name) for name in _AS_SENT},
            channel_owner=channel_owner,
            severity=severity,
            wished_severity=None if report.severity is severity else report.severity,
            title=report.title or None,
            lat=sender.lat,
            lon=sender.lon,
            address=sender.address,
            unit=routed.unit,
            held_by=self._held_by(routed.unit, matter, received_on),
            routing=routed.trace,
            submitted_by=None if caller is None else caller.sub,
            reply_to=reply_to,
            secret_digest=secret_digest(secret),
            fingerprint=fingerprints[0] if fingerprints else None,
            form=form,
            received_at=received_at,
            recorded_at=now,
            accept_due_at=accept_due_at,
            resolve_due_at=resolve_due_at,
            remind_at=self.reminders.first(matter, received_on, accept_due_at, resolve_due_at),
        )
        role = None if caller is None else caller.acting_as(*SPEAK_FOR_CHANNELS, *Role)
        answer = await self.writer.submit(
            NewReport(
                feedback,
                request,
                role,
                sender.contact,
                (*notices, *sender.notices),
                traceparent.get(),
                fingerprints,
            )
        )
        if answer.status != 201:
            return Taken(answer, None)
        if answer.acknowledgement.code != feedback.code:
            return await self._repeated(answer, request)
        return Taken(answer, secret)

    def _check_channel(self, channel: Channel, *, trusted: bool) -> None:
        allowed = self.rules.open_channels.value
        if not trusted and channel not in allowed:
            raise Problem(
                CHANNEL_FORBIDDEN,
                errors=[FieldError("body.channel", "chỉ dành cho phần mềm kênh", "is for channel software only")],
                extra={"allowed": sorted(allowed)},
            )

    def _fingerprints(
        self,
        report: Report,
        owner: str,
        sender: Sender,
        form: Mapping[str, Any] | None,
        attached: Sequence[str] | None,
    ) -> tuple[bytes, ...]:
        if report.channel_ref is None:
            return ()
        return self.fingerprints.of(
            (report.channel, owner, report.channel_ref),
            report.kind,
            report.category,
            report.severity,
            report.title or None,
            report.content,
            (sender.lat, sender.lon, sender.address),
            report.unit,
            sender.contact,
            *(() if form is None and attached is None else (form,)),
            *(() if attached is None else (attached,)),
        )

    async def _repeated(self, answer: Answer, request: Request) -> Taken:
        """The answer of before, with the secret of before, which was made under a key that may not be the first now."""
        kept = await self.writer.secret_digest(answer.acknowledgement.code)
        secret = self.secrets.given_before(request.caller, request.key or "", request.digest, kept)
        return Taken(answer if secret is not None else Answer(200, answer.acknowledgement), secret)

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

    async def _route(self, case: Case) -> Routed:
        try:
            return self.router.route(self.directory.units, case)
        except (UnknownUnit, NoRuleInForce):  # perhaps only not known yet
            await self.directory.refresh(FRESH)
        units = self.directory.units
        try:
            return self.router.route(units, case)
        except UnknownUnit as error:
            if not units:
                raise intake_desk_unavailable() from error
            raise _unknown_unit(units.near(str(error), case.received_on)) from error
        except NoRuleInForce as error:
            raise intake_desk_unavailable() from error

    def _held_by(self, unit: str, matter: Matter, received_on: date) -> str | None:
        """The desk, where the report went to another unit: until it is assigned, that unit can do nothing."""
        try:
            desk = self.router.desk(self.directory.units, matter, received_on).unit
        except NoRuleInForce:
            return None
        return None if desk == unit else desk


def _unknown_unit(near: Sequence[Unit]) -> RuleBroken:
    """Names of units are public; those that are like what was given are proposed."""
    vi, en = "không có đơn vị này vào ngày tiếp nhận", "is no unit on the day of receipt"
    if near:
        names = ", ".join(f"{unit.name} ({unit.code})" for unit in near)
        vi, en = f"{vi}; có phải: {names}", f"{en}; did you mean: {names}"
    return RuleBroken("unit", vi, en)


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

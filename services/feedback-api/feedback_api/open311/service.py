"""Open311 over the reports of the city. Whoever asks is told what everyone may know; whoever sends needs a key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, TypeVar

import msgspec
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Channel, FeedbackStatus
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.problems import Problem, not_found
from feedback_api.intake.domain import Request
from feedback_api.intake.problems import CHANNEL_REF_CONFLICT
from feedback_api.intake.schemas import PlainLocation, PlainReport, PlainReporter
from feedback_api.intake.service import Intake
from feedback_api.open311 import domain, repository
from feedback_api.open311.access import ApiKeys, Seals, software
from feedback_api.open311.domain import PERIOD, RECENT, EndsFirst, Period, TooLong
from feedback_api.open311.forms import Fields, attributes_in, named
from feedback_api.open311.repository import Wanted
from feedback_api.open311.rules import Open311Rules, Service
from feedback_api.open311.schemas import (
    MOST,
    CreatedOut,
    DiscoveryOut,
    Open311In,
    Open311ReportOut,
    RemarkOut,
    RequestIn,
    RequestOut,
    RequestsQuery,
    ServiceDefinitionOut,
    TokenOut,
    UpdateCreatedOut,
    UpdateIn,
    UpdateOut,
    UpdatesQuery,
    names,
)
from feedback_api.open311.views import Views
from feedback_api.reports import repository as reports
from feedback_api.reports.access import is_official
from feedback_api.reports.location import Box, Circle

MOST_ATTRIBUTES: Final = 50
MOST_UPDATES: Final = 10_000
"""In one answer; more are refused, since a client that asks by time would never learn of those left out."""
LONGEST_VALUE: Final = 4000
SENDERS_ID: Final = "fixmystreet_id"
"""The attribute by which a client numbers its own requests (mySociety)."""
LONGEST_ID: Final = 100
_OURS: Final = frozenset({"api_key", "jurisdiction_id"})
"""Parameters that say nothing of the matter."""
_NAMES_SENDER: Final = ("device_id", "account_id", "email", "phone")


class Created(NamedTuple):
    """What a request is answered with: 201 for a new one, 200 for one that its client has sent before."""

    status: int
    request: CreatedOut


class Listed(NamedTuple):
    """Requests, and how many there are in all where pages are asked for."""

    requests: list[RequestOut]
    page: int
    page_size: int
    total: int | None


@dataclass(frozen=True, slots=True)
class GeoReport:
    """The use cases of Open311. They raise what intake raises, 403 for a wrong key, and `RuleBroken` for a field."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    rules: Open311Rules
    views: Views
    keys: ApiKeys
    seals: Seals
    intake: Intake
    kind: Literal["production", "test"]

    def discovery(self, url: str, language: str) -> DiscoveryOut:
        """What this interface is, at that address."""
        return self.views.discovery(url, self.kind, language)

    def definition(self, code: str, language: str) -> ServiceDefinitionOut:
        """The attributes of a service. Raises a 404 problem."""
        self._service(code)
        return self.views.definition(code, language)

    async def submit(self, fields: Fields, language: str) -> Created:
        """Take a request in as a report of this channel. Answered after the commit."""
        sender = self.keys.sender(_last(fields, "api_key"))
        given = _validated(RequestIn, fields)
        service = self._service(given.service_code)
        _check_place(given)
        attributes = _bounded(attributes_in(fields))
        service.check(attributes)
        report = self._report(given, service, _senders_id(sender, attributes))
        form = {
            "sent_by": sender,
            "service_code": given.service_code,
            # The client's own number is the id of the channel, which is erased with the sender: it stands there alone.
            "attributes": {name: values for name, values in attributes.items() if name != SENDERS_ID},
            "media_urls": given.media_url,
            "address": given.address_string,
            "address_id": given.address_id,
        }
        caller = software(sender)
        request = await self._identified(caller.sub, fields, given, report)
        try:
            answer = (await self.intake.take(report, caller, request, form=form)).answer
        except Problem as problem:
            if problem.code != CHANNEL_REF_CONFLICT.code:
                raise
            raise _other_content(str(problem.extra["report"])) from problem
        code = answer.acknowledgement.code
        notice = self.views.notice(language)
        if service.type == "batch":
            return Created(answer.status, CreatedOut(token=self.seals.token(code), service_notice=notice))
        return Created(answer.status, CreatedOut(service_request_id=code, service_notice=notice))

    async def token(self, token: str) -> TokenOut:
        """The request that a token stands for. It was stored before the token was given."""
        return TokenOut(service_request_id=self.seals.code(token), token=token)

    async def request(self, code: str, language: str, *, extended: bool) -> RequestOut:
        """One request. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            rows = await repository.some(conn, [code])
        if not rows:
            raise _no_request()
        return self.views.requests(rows, language, extended=extended)[0]

    async def requests(self, query: RequestsQuery, language: str) -> Listed:
        """The requests that are asked for, newest first."""
        page, size = max(query.page or 1, 1), query.page_size or MOST
        codes = names(query.service_request_id)
        if len(codes) > MOST:
            raise RuleBroken("service_request_id", f"tối đa {MOST} mã", f"takes {MOST} ids at most")
        async with self.reading.connect() as conn:
            if codes:
                rows: Sequence[Any] = await repository.some(conn, codes)
                page, size, total = 1, MOST, None
            else:
                wanted = self._wanted(query)
                rows = await repository.page(conn, wanted, size, (page - 1) * size)
                paged = query.page is not None or query.page_size is not None
                total = await repository.count(conn, wanted) if paged else None
        return Listed(self.views.requests(rows, language, extended=query.extended), page, size, total)

    async def updates(self, query: UpdatesQuery, language: str) -> list[UpdateOut]:
        """What happened in the period, oldest first. Raises `RuleBroken` where it is more than one answer may hold."""
        period = self._period(query.start_date, query.end_date, recent=True)
        async with self.reading.connect() as conn:
            rows = await repository.updates(conn, period, MOST_UPDATES + 1)
        if len(rows) > MOST_UPDATES:
            raise RuleBroken(
                "start_date",
                f"có hơn {MOST_UPDATES} thay đổi; hãy hỏi khoảng thời gian ngắn hơn",
                f"there are more than {MOST_UPDATES} updates; ask for a shorter period",
            )
        return self.views.updates(
            [row for row in rows if domain.is_update(_status(row["from_status"]), FeedbackStatus(row["status"]))],
            language,
        )

    async def remark(self, fields: Fields) -> UpdateCreatedOut:
        """Keep what somebody says of a request, for officials to read."""
        sender = self.keys.sender(_last(fields, "api_key"))
        given = _validated(UpdateIn, fields)
        values = {
            "sent_by": sender,
            "update_id": given.update_id,
            "code": given.service_request_id,
            "status": given.status,
            "description": given.description,
            "media_urls": given.media_url,
            "at": given.updated_datetime,
            "recorded_at": self.clock.now(),
        }
        async with self.engine.begin() as conn:
            if not await repository.lock_visible(conn, given.service_request_id):
                raise _no_request()
            if not await repository.add_remark(conn, values):
                raise RuleBroken("update_id", "đã có cập nhật mang mã này", "already exists")
        return UpdateCreatedOut(update_id=given.update_id)

    async def of_report(self, code: str, caller: Principal) -> Open311ReportOut:
        """What came with a report and after it, for its officials. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            report = await reports.load_for(conn, code, caller, None)
            if not is_official(caller, report):
                raise not_found("phản ánh này", "this report")
            remarks = await repository.remarks_on(conn, code)
        form = None if report.form is None else dict(report.form)
        return Open311ReportOut(form=form, remarks=[RemarkOut.model_validate(dict(row)) for row in remarks])

    def _service(self, code: str) -> Service:
        service = self.rules.open311.services.get(code)
        if service is None:
            raise not_found("service_code này", "this service_code")
        return service

    def _report(self, given: RequestIn, service: Service, channel_ref: str | None) -> PlainReport:
        name = " ".join(filter(None, (given.first_name, given.last_name)))
        # An address may stand alone here. The plain form has no such place, and the columns of a report do.
        return PlainReport(
            channel=Channel.OPEN311,
            channel_ref=channel_ref,
            kind=service.kind,
            category=given.service_code,
            title=given.title,
            content=given.description or self.rules.name(given.service_code).vi,
            location=PlainLocation(lat=given.lat, lon=given.long, address=given.address_string),
            reporter=PlainReporter(name=name or None, phone=given.phone, email=given.email),
        )

    async def _identified(self, caller: str, fields: Fields, given: RequestIn, report: PlainReport) -> Request:
        """What makes the request the same as another: the form, where it says who sends and has no number."""
        said = sorted((name, value) for name, value in fields if name not in _OURS)
        digests = self.seals.digests(msgspec.json.encode(said))
        if report.channel_ref is not None or not any(getattr(given, name) for name in _NAMES_SENDER):
            return Request(caller, None, digests[0])
        digest = digests[0]
        if len(digests) > 1:  # it may have come when another key was the first
            used = {_key(each): each for each in digests}
            async with self.engine.connect() as conn:
                digest = used.get(await repository.used_key(conn, caller, list(used)) or "", digest)
        return Request(caller, _key(digest), digest)

    def _wanted(self, query: RequestsQuery) -> Wanted:
        services = names(query.service_code)
        for code in services:
            self._service(code)
        return Wanted(
            period=self._period(query.start_date, query.end_date),
            statuses=domain.statuses(query.status.split(",")) if query.status else None,
            categories=services or None,
            others=self.rules.open311.fallback in services,
            known=self.rules.open311.services.keys(),
            box=_box(query.bbox),
            circle=_circle(query),
        )

    def _period(self, start: datetime | None, end: datetime | None, *, recent: bool = False) -> Period:
        try:
            return domain.period(start, end, self.clock.now(), RECENT if recent else PERIOD)
        except EndsFirst as error:
            raise RuleBroken("end_date", "trước start_date", "is before start_date") from error
        except TooLong as error:
            days = PERIOD.days
            raise RuleBroken(
                "end_date", f"quá {days} ngày sau start_date", f"is more than {days} days after start_date"
            ) from error


M = TypeVar("M", bound=Open311In)


def _validated(model: type[M], fields: Fields) -> M:
    try:
        return model.model_validate(named(fields, set(model.model_fields), {"media_url"}))
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


def _key(digest: bytes) -> str:
    return f"open311:{digest.hex()}"


def _other_content(code: str) -> RuleBroken:
    return RuleBroken(
        f"attribute[{SENDERS_ID}]",
        f"đã dùng cho yêu cầu {code}, có nội dung khác",
        f"was used for the request {code}, with other content",
    )


def _check_place(given: RequestIn) -> None:
    if (given.lat is None) != (given.long is None):
        raise RuleBroken("lat", "lat và long phải đi cùng nhau", "lat and long go together")
    if given.lat is None and given.address_string is None and given.address_id is None:
        raise RuleBroken(
            "lat",
            "cần vị trí: lat và long, hoặc address_string, hoặc address_id",
            "a location is required: lat and long, or address_string, or address_id",
        )


def _last(fields: Fields, name: str) -> str | None:
    return next((value for each, value in reversed(fields) if each == name), None)


def _bounded(attributes: dict[str, list[str]]) -> dict[str, list[str]]:
    if sum(map(len, attributes.values())) > MOST_ATTRIBUTES:
        raise RuleBroken("attribute", f"tối đa {MOST_ATTRIBUTES} giá trị", f"takes {MOST_ATTRIBUTES} values at most")
    for code, values in attributes.items():
        if any(len(value) > LONGEST_VALUE for value in values):
            raise RuleBroken(
                f"attribute[{code}]",
                f"quá dài, tối đa {LONGEST_VALUE} ký tự",
                f"is longer than {LONGEST_VALUE} characters",
            )
        if any("\0" in text for text in (code, *values)):
            raise RuleBroken("attribute", "có ký tự NUL", "has a NUL character")
    return attributes


def _senders_id(sender: str, attributes: Mapping[str, list[str]]) -> str | None:
    """The channel's id of the request: that of its client, apart from those of other clients."""
    given = attributes.get(SENDERS_ID)
    if given is None:
        return None
    if len(given) > 1 or len(given[0]) > LONGEST_ID:
        raise RuleBroken(
            f"attribute[{SENDERS_ID}]",
            f"phải là một giá trị, tối đa {LONGEST_ID} ký tự",
            f"must be one value of {LONGEST_ID} characters at most",
        )
    return f"{sender}/{given[0]}"


def _status(status: str | None) -> FeedbackStatus | None:
    return None if status is None else FeedbackStatus(status)


def _box(given: str | None) -> Box | None:
    return None if given is None else Box(*map(float, given.split(",")))


def _circle(query: RequestsQuery) -> Circle | None:
    given = (query.lat, query.long, query.radius)
    if given == (None, None, None):
        return None
    if query.lat is None or query.long is None or query.radius is None:
        raise RuleBroken("radius", "lat, long và radius phải đi cùng nhau", "lat, long and radius go together")
    return Circle(query.lat, query.long, query.radius)


def _no_request() -> Problem:
    return not_found("yêu cầu này", "this request")

"""The documents of Open311, in the language of their reader. They hold nothing of a report's sender."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.screening import screened
from feedback_api.open311.domain import STATES, seen_outside, tells_answer, update_id
from feedback_api.open311.formats import MEDIA
from feedback_api.open311.rules import Attribute, Open311Rules
from feedback_api.open311.schemas import (
    MOST,
    AttributeOut,
    DiscoveryOut,
    EndpointOut,
    ExtendedAttributesOut,
    RequestOut,
    ServiceDefinitionOut,
    ServiceOut,
    UpdateOut,
    ValueOut,
)

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


class Views:
    """Makes documents by the city's rules."""

    def __init__(self, rules: Open311Rules, timezone: ZoneInfo) -> None:
        self._rules = rules
        self._said = rules.open311
        self._timezone = timezone

    def discovery(self, url: str, kind: str, language: str) -> DiscoveryOut:
        """Where this interface is, and how to speak with it."""
        changeset = self.instant(self._said.changeset)
        endpoint = EndpointOut(
            specification=SPECIFICATION,
            url=url,
            changeset=changeset,
            type=kind,
            formats=[media.partition(";")[0] for media in MEDIA.values()],
        )
        return DiscoveryOut(
            changeset=changeset,
            contact=_in(language, self._said.contact),
            key_service=_in(language, self._said.key_service),
            max_requests=MOST,
            endpoints=[endpoint],
        )

    def services(self, language: str) -> list[ServiceOut]:
        """Every service."""
        return [
            ServiceOut(
                service_code=code,
                service_name=_in(language, self._rules.name(code)),
                description=_in(language, service.description),
                metadata=bool(service.attributes),
                type=service.type,
                keywords=",".join(service.keywords),
                group=_in(language, service.group),
            )
            for code, service in self._said.services.items()
        ]

    def definition(self, code: str, language: str) -> ServiceDefinitionOut:
        """The attributes of a service that there is."""
        attributes = [
            AttributeOut(
                variable=attribute.automated is None,
                code=name,
                datatype=attribute.datatype,
                required=attribute.required,
                datatype_description=None if attribute.hint is None else _in(language, attribute.hint),
                order=order,
                description=_in(language, attribute.name),
                **self._beside(attribute, language),
            )
            for order, (name, attribute) in enumerate(self._said.services[code].attributes.items(), 1)
        ]
        return ServiceDefinitionOut(service_code=code, attributes=attributes)

    def _beside(self, attribute: Attribute, language: str) -> dict[str, Any]:
        """What not every attribute has."""
        values = [ValueOut(key=key, name=_in(language, text)) for key, text in attribute.values.items()]
        automated = attribute.automated
        return ({"values": values} if values else {}) | ({} if automated is None else {"automated": automated})

    def notice(self, language: str) -> str:
        """What everyone who sends should know."""
        return _in(language, self._said.notice)

    def requests(self, rows: Sequence[RowMapping], language: str, *, extended: bool = False) -> list[RequestOut]:
        """Reports as everyone may see them."""
        return [self._request(row, language, extended=extended) for row in rows]

    def _request(self, row: RowMapping, language: str, *, extended: bool) -> RequestOut:
        status = FeedbackStatus(row["status"])
        state = STATES[status]
        form: Mapping[str, Any] = row["form"] or {}
        closed_at = (row["answered_at"] or row["ended_at"]) if state.core == "closed" else None
        answer = None if row["published_at"] is None else row["answer"]
        service = self._rules.service_of(row["category"])

        def said(words: str | None) -> str | None:
            """Who sent a form was told that everyone reads it; of others, numbers and addresses are masked."""
            return words if words is None or row["form"] is not None else screened(words)

        more = {
            "extended_status": state.extended,
            "extended_attributes": ExtendedAttributesOut(
                detailed_status=seen_outside(status), title=said(row["title"])
            ),
        }
        return RequestOut(
            service_request_id=row["code"],
            status=state.core,
            status_notes=_notes(status, answer, language),
            service_name=_in(language, self._rules.name(service)),
            service_code=service,
            description=said(row["content"]),
            agency_responsible=row["unit"],
            service_notice=None if row["form"] is None else self.notice(language),
            requested_datetime=self.instant(row["received_at"]),
            updated_datetime=self.instant(closed_at or row["changed_at"]),
            expected_datetime=self.instant(row["resolve_due_at"]),
            address=said(row["address"]) or _coordinates(row["lat"], row["lon"]),
            address_id=form.get("address_id"),
            zipcode=None,
            lat=row["lat"],
            long=row["lon"],
            media_url=None,
            **(more if extended else {}),
        )

    def updates(self, rows: Sequence[RowMapping], language: str) -> list[UpdateOut]:
        """What happened to reports, as everyone may see it."""
        return [self._update(row, language) for row in rows]

    def _update(self, row: RowMapping, language: str) -> UpdateOut:
        status = FeedbackStatus(row["status"])
        answer = row["answer"] if tells_answer(status, row["at"], row["published_at"]) else None
        return UpdateOut(
            update_id=update_id(row["code"], row["version"]),
            service_request_id=row["code"],
            status=STATES[status].extended,
            updated_datetime=self.instant(row["recorded_at"]),
            description=_notes(status, answer, language),
            media_url=None,
        )

    def instant(self, at: datetime) -> str:
        """As W3C has it: the city's time with its zone, and no fractions."""
        return at.astimezone(self._timezone).isoformat(timespec="seconds")


def _notes(status: FeedbackStatus, answer: str | None, language: str) -> str:
    """What the status means, and the answer that is published, without the numbers and addresses in it."""
    notes = _in(language, STATES[status].notes)
    return f"{notes}: {screened(answer)}" if answer else notes


def _coordinates(lat: float | None, lon: float | None) -> str | None:
    """In the place of an address: there are clients that cannot do without one."""
    return None if lat is None or lon is None else f"{lat}, {lon}"


def _in(language: str, text: Text) -> str:
    return text.vi if language == "vi" else text.en

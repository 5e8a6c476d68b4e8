"""Reads an item, in our words or in the portal's, into a delivery that can be."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
from pydantic import ValidationError

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract import national_portal
from cchc_shared.contract.codes import DossierStatus
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.directory.domain import Units
from cchc_shared.http.field_errors import FieldError, field_error
from dossiers_api.dossiers.domain import Delivery, said_of_the_future
from dossiers_api.dossiers.rules import DossierRules
from dossiers_api.dossiers.store import Said
from dossiers_api.intake import vocabulary
from dossiers_api.intake.plain import PlainItem
from dossiers_api.intake.schemas import DeliveryIn, NationalItem

Item = PlainItem | DeliveryIn | NationalItem | ValidationError | FieldError
"""An item that was read, or what keeps it from being one."""

_BEFORE_RECEIPT: Final = frozenset({DossierStatus.REGISTERED, DossierStatus.NOT_RECEIVED})
_OURS: Final[Mapping[str, str]] = {}


class Read(NamedTuple):
    """An item as far as it could be read: the delivery, or what is wrong with it, by the fields of the item itself."""

    dossier: str | None
    said: Said | None = None
    errors: tuple[FieldError, ...] = ()
    names_no_unit: bool = False
    beyond: bool = False
    """It is right, and of a unit that its sender may not speak of."""


class NoUnit(RuleBroken):
    """No unit has that code or name on that day."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads by the city's rules, its clock and its directory of units."""

    rules: DossierRules
    calendar: WorkingCalendar

    def read(self, item: Item, units: Units, now: datetime) -> Read:
        """What the item says."""
        if isinstance(item, PlainItem | DeliveryIn):
            return self._checked(item, units, now, _OURS)
        if isinstance(item, FieldError):
            return Read(None, errors=(item,))
        if isinstance(item, ValidationError):
            return Read(None, errors=errors_of(item, _OURS))
        code = item.fields.get(national_portal.CODE)
        name = code if isinstance(code, str) else None
        try:
            ours = DeliveryIn.model_validate(vocabulary.read(item.fields, self.calendar.timezone))
        except RuleBroken as error:
            return Read(name, errors=(broken(error, _OURS),))
        except ValidationError as error:
            return Read(name, errors=errors_of(error, national_portal.FIELDS))
        return self._checked(ours, units, now, national_portal.FIELDS)

    def _checked(self, item: PlainItem | DeliveryIn, units: Units, now: datetime, names: Mapping[str, str]) -> Read:
        code, delivery = item.dossier, _delivery(item)
        try:
            self._check(code, delivery, now)
            unit = self._unit(delivery, units)
        except RuleBroken as error:
            return Read(code, errors=(broken(error, names),), names_no_unit=isinstance(error, NoUnit))
        if unit != delivery.unit:
            delivery = msgspec.structs.replace(delivery, unit=unit)
        return Read(code, Said(code, delivery))

    def _check(self, code: str, delivery: Delivery, now: datetime) -> None:
        """Raise `RuleBroken` for what cannot be, whatever else is known of the dossier."""
        if not self.rules.is_code(code):
            raise self._no_code(code)
        if said_of_the_future(delivery.at, delivery.received_at, now, self.rules.leeway):
            raise RuleBroken("at", "là thời điểm chưa đến", "is a time that has not come yet")
        received, appointed = delivery.received_at, delivery.appointment_at
        if received is None:
            if delivery.status not in _BEFORE_RECEIPT:
                raise RuleBroken("received_at", "phải có kể từ khi tiếp nhận", "is asked for from receipt on")
        elif received > delivery.at:
            raise RuleBroken("received_at", "sau thời điểm của trạng thái", "is later than the status")
        elif appointed is not None and appointed < received:
            raise RuleBroken("appointment_at", "trước khi tiếp nhận", "is before receipt")

    def _no_code(self, code: str) -> RuleBroken:
        authorities = self.rules.authorities.value
        if self.rules.authority(code) is None:
            known = ", ".join(authorities)
            vi = f"không phải hồ sơ của tỉnh, thành phố này: mã bắt đầu bằng `{known}`"
            return RuleBroken("dossier", vi, f"is no dossier of this city: its codes begin with {known}")
        example = f"{authorities[0]}.33-261118-0001"
        vi = f"không đúng dạng mã hồ sơ, chẳng hạn `{example}`"
        return RuleBroken("dossier", vi, f"is not written as codes of dossiers are, such as {example}")

    def _unit(self, delivery: Delivery, units: Units) -> str:
        """Code of the unit that was named, by code or by name, on the day of receipt."""
        day = self.calendar.local_date(delivery.received_at or delivery.at)
        if units.exists(delivery.unit, day):
            return delivery.unit
        meant = [unit.code for unit in units.meant(delivery.unit, day) if unit.exists_on(day)]
        if len(meant) == 1:
            return meant[0]
        if meant:
            codes = ", ".join(meant)
            raise RuleBroken("unit", f"chỉ nhiều đơn vị, hãy ghi mã: `{codes}`", f"means several units: {codes}")
        vi, en = "không có đơn vị này vào ngày tiếp nhận", "is no unit on the day of receipt"
        if near := ", ".join(f"{unit.name} ({unit.code})" for unit in units.near(delivery.unit, day)):
            vi, en = f"{vi}; có phải: {near}", f"{en}; did you mean: {near}"
        raise NoUnit("unit", vi, en)


def _delivery(item: PlainItem | DeliveryIn) -> Delivery:
    # Written out: made from a dictionary of its fields it takes twice as long. In UTC, so that none of what is made of
    # its instants has to convert them again.
    return Delivery(
        status=item.status,
        at=item.at.astimezone(UTC),
        procedure=item.procedure,
        unit=item.unit,
        channel=item.channel,
        field=item.field,
        received_at=item.received_at and item.received_at.astimezone(UTC),
        appointment_at=item.appointment_at and item.appointment_at.astimezone(UTC),
        fee_charged=item.fee_charged,
        paid_online=item.paid_online,
        digitisation=item.digitisation,
        electronic_result=item.electronic_result,
        satisfied=item.satisfied,
        source_status=item.source_status,
    )


def broken(error: RuleBroken, names: Mapping[str, str]) -> FieldError:
    """A rule that is broken, by the field of what was written."""
    return FieldError(names.get(error.field, error.field), error.message.vi, error.message.en)


def errors_of(error: ValidationError, names: Mapping[str, str]) -> tuple[FieldError, ...]:
    """What is not valid, by the fields of what was written."""
    found = (field_error(each) for each in error.errors(include_url=False))
    return tuple(replace(each, field=names.get(each.field, each.field)) for each in found)

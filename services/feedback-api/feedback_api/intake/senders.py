"""Place and contacts of a report as they are stored, and what its sender is told of them."""

from dataclasses import dataclass
from typing import NamedTuple

from feedback_api.intake.normalization import Box, PhoneNumbers, Placed, read_email
from feedback_api.intake.notices import Notice, NoticeCode
from feedback_api.intake.schemas import LocationIn, PlainLocation, PlainReporter
from feedback_api.reports.contacts import Contact
from feedback_api.reports.schemas import ReporterIn


class Sender(NamedTuple):
    """Where a report speaks of and from whom it came, read as far as anybody can."""

    lat: float | None
    lon: float | None
    address: str | None
    contact: Contact | None
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads what people write of themselves and of a place, by the habits of their country."""

    phones: PhoneNumbers
    country: Box

    def of(self, location: LocationIn | PlainLocation | None, reporter: ReporterIn | PlainReporter | None) -> Sender:
        """What can be read in normal form, the rest as it was written, each with its notice."""
        notices: list[Notice] = []
        lat = lon = address = place = None
        if location is not None:
            address = location.address or None
            if location.lat is not None or location.lon is not None:
                placed = Placed.read(location.lat, location.lon, self.country)
                if placed is None:
                    place = f"{_written(location.lat)}; {_written(location.lon)}"
                    notices.append(Notice("body.location", NoticeCode.KEPT_AS_WRITTEN))
                else:
                    lat, lon = placed.coordinates
                    if placed.swapped:
                        notices.append(Notice("body.location", NoticeCode.COORDINATES_SWAPPED))
        contact = self._contact(reporter, place, notices)
        return Sender(lat, lon, address, contact, tuple(notices))

    def _contact(
        self, reporter: ReporterIn | PlainReporter | None, place: str | None, notices: list[Notice]
    ) -> Contact | None:
        if reporter is None:
            return None if place is None else Contact(place=place)
        phone, email = reporter.phone or None, reporter.email or None
        if phone is not None:
            if (number := self.phones.read(phone)) is None:
                notices.append(Notice("body.reporter.phone", NoticeCode.KEPT_AS_WRITTEN))
            phone = number or phone
        if email is not None:
            if (address := read_email(email)) is None:
                notices.append(Notice("body.reporter.email", NoticeCode.KEPT_AS_WRITTEN))
            email = address or email
        contact = Contact(reporter.name, phone, email, reporter.account or None, place, reporter.anonymous)
        return None if contact == Contact() else contact


def _written(degrees: float | str | None) -> str:
    return "" if degrees is None else str(degrees)

"""What a publication is called: its address, its files, and the words on its pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cchc_shared.contract.provenance import Text

PERIOD_NAMES: Final = {
    "month": Text("Tiếp nhận trong tháng", "Received in the month"),
    "year": Text("Lũy kế từ tháng 1", "Since January"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Of one publication. Figures and tables are named in the order in which they stand on a sheet.

    `counted` is what a sheet counts, `quantity` how many of them, `of_month` the heading of a sheet before the month,
    `of_units` that of its table by unit. `note` says how figures are reckoned.
    """

    path: str
    file: str
    figures: Mapping[str, Text]
    tables: Mapping[str, Text]
    every_month: Text
    title: Text
    of_month: Text
    counted: Text
    quantity: Text
    of_units: Text
    note: Text

"""By what dossiers may be counted, and shares of counts."""

from enum import StrEnum


class Dimension(StrEnum):
    """What makes a row."""

    MONTH = "month"
    UNIT = "unit"
    PROCEDURE = "procedure"
    FIELD = "field"
    CHANNEL = "channel"
    STATUS = "status"


def on_time_rate(on_time: int, late: int, overdue_open: int) -> float | None:
    """Share of what was handled in time, of all that was handled or is overdue; None of nothing."""
    judged = on_time + late + overdue_open
    return round(on_time / judged, 4) if judged else None

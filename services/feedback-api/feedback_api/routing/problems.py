"""What a caller is told when no unit can be found for a report."""

from cchc_shared.http.problems import Problem


def intake_desk_unavailable() -> Problem:
    """503: no routing rule has a unit that exists today; at a start the units are not known yet."""
    return Problem(
        503,
        "intake-desk-unavailable",
        vi="Chưa có đơn vị đầu mối tiếp nhận, hãy thử lại sau.",
        en="The intake desk is not known yet; try again later.",
        headers={"Retry-After": "2"},
    )

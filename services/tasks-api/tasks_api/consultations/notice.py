"""The written notice to a unit whose silence was agreement, as text and as a page. Pure."""

from collections.abc import Mapping
from html import escape

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from tasks_api.consultations.domain import Consultation
from tasks_api.consultations.rules import ConsultationRules


class Notice(msgspec.Struct, frozen=True):
    """A notice as it was issued. It never changes."""

    number: str
    text: str
    html: str


def issued(
    asked: Consultation, names: Mapping[str, str], rules: ConsultationRules, calendar: WorkingCalendar
) -> Notice:
    """The notice of a consultation that was deemed agreed. `names` are those of both units on the day of the deadline.

    The same consultation always gives the same notice under the same rules, whichever worker writes it.
    """
    if asked.notice is None:
        raise ValueError(f"{asked.code} is {asked.status}")
    due = asked.due_at.astimezone(calendar.timezone)
    kind = rules.kinds.get(asked.kind)  # the document may name it no more
    text = rules.notice.text.format(
        number=asked.notice,
        asker=names.get(asked.asker, asked.asker),
        unit=names.get(asked.unit, asked.unit),
        task=asked.task,
        code=asked.code,
        asked_on=f"{calendar.local_date(asked.asked_at):%d/%m/%Y}",
        due=f"{due:%H:%M} ngày {due:%d/%m/%Y}",
        question=asked.question,
        basis=kind.deemed_consent.source if kind else rules.source,
    )
    return Notice(asked.notice, text, _page(asked.notice, text))


def _page(title: str, text: str) -> str:
    paragraphs = (escape(each).replace("\n", "<br>") for each in text.strip().split("\n\n"))
    body = "\n".join(f"<p>{each}</p>" for each in paragraphs)
    return (
        f'<!doctype html>\n<html lang="vi"><head><meta charset="utf-8"><title>{escape(title)}</title></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )

"""What is listed is what may be read by token: for every report and every caller of a small world."""

from itertools import product

from sqlalchemy import select, update

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal
from cchc_shared.storage.records import record
from feedback_api.reports.access import may_read
from feedback_api.reports.domain import Feedback
from feedback_api.reports.models import feedback
from tests.support.tokens import TestTokens

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE, Service

UNITS = (HOME_AFFAIRS, JUSTICE)
STANDING = [
    {"unit": unit, "held_by": held_by, "former_units": list(former), "submitted_by": sent_by}
    for unit, held_by, former, sent_by in product(
        UNITS, (None, CENTRE), ((), (HOME_AFFAIRS,), (JUSTICE, CENTRE)), (None, "a", "b")
    )
]
CALLERS = [
    Principal(sub, frozenset(roles), unit)
    for roles in [{role} for role in Role] + [{Role.CITIZEN, Role.OFFICER}, {Role.OFFICER, Role.COORDINATOR}]
    for sub, unit in product(("a", "c"), (None, HOME_AFFAIRS, CENTRE))
]


async def world(service: Service) -> list[Feedback]:
    """A report for each standing."""
    for number, values in enumerate(STANDING):
        code = (await service.post({"content": f"{number}"})).json()["code"]
        async with service.here.engine.begin() as conn:
            await conn.execute(update(feedback).where(feedback.c.code == code).values(**values))
    async with service.here.engine.connect() as conn:
        return [record(row, Feedback) for row in (await conn.execute(select(feedback))).mappings()]


async def listed(service: Service, headers: dict[str, str], **query: str | int | bool) -> list[str]:
    """All pages."""
    codes: list[str] = []
    cursor: dict[str, str | int | bool] = {}
    while True:
        answer = await service.client.get("/v1/feedback", params=query | cursor, headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        codes += [item["code"] for item in page["items"]]
        if page["next_cursor"] is None:
            return codes
        cursor = {"cursor": page["next_cursor"]}


async def test_what_is_listed_is_what_may_be_read(service: Service, tokens: TestTokens) -> None:
    reports = await world(service)
    newest_first = sorted(reports, key=lambda report: (report.received_at, report.code), reverse=True)
    sizes = set()
    for caller in CALLERS:
        headers = tokens(sub=caller.sub, roles=sorted(caller.roles), unit=caller.unit)
        readable = [report for report in newest_first if may_read(caller, None, report)]
        for limit in (200, 7):
            assert await listed(service, headers, limit=limit) == [report.code for report in readable], caller
        sent = [report.code for report in readable if report.submitted_by == caller.sub]
        assert await listed(service, headers, mine=True) == sent
        works_for = caller.unit if caller.has(Role.OFFICER, Role.UNIT_HEAD) else None
        held = [report.code for report in readable if report.holder == works_for]
        assert await listed(service, headers, held_by_me=True) == held
        assert await listed(service, headers, unit=JUSTICE) == [
            report.code for report in readable if report.unit == JUSTICE
        ]
        sizes.add(len(readable))
    assert {0, len(reports)} < sizes


async def test_a_hand_over_keeps_the_report_in_the_list_of_the_former_unit(
    service: Service, tokens: TestTokens
) -> None:
    code = (await service.post({"unit": HOME_AFFAIRS})).json()["code"]
    desk = tokens(sub="desk", roles=["coordinator"])
    officer = tokens(sub="o", roles=["officer"], unit=HOME_AFFAIRS)
    assert (await service.act(code, "assign", desk, 1)).status_code == 200
    moved = await service.act(code, "transfer", officer, 2, {"unit": JUSTICE, "reason": "việc của Sở Tư pháp"})
    assert moved.status_code == 200
    assert await listed(service, officer) == [code]
    assert await listed(service, officer, held_by_me=True) == []
    # And back: it is listed once.
    other = tokens(sub="p", roles=["officer"], unit=JUSTICE)
    await service.act(code, "transfer", other, 3, {"unit": HOME_AFFAIRS, "reason": "nhầm"})
    assert await listed(service, officer) == await listed(service, other) == [code]

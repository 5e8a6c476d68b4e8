"""Imports plans as the tests say."""

from collections.abc import Mapping

import httpx

from tests.support.http import Headers
from tests.support.tasks import Api

FORM = {
    "document_no": "99/KH-UBND",
    "issued_on": "2024-06-01",
    "title": "Kế hoạch thử",
    "issuer": "UBND Thành phố Hà Nội",
}
TABLE = "TT,Nhiệm vụ,Chủ trì,Phối hợp,Thời hạn,Sản phẩm,Nguồn\n1,Báo cáo,Sở Nội vụ,,30/6/2024,Báo cáo,Công văn\n"


async def post(
    api: Api,
    content: str | bytes = TABLE,
    *,
    name: str = "annex.csv",
    who: Headers | None = None,
    headers: Headers | None = None,
    dry_run: bool = False,
    form: Mapping[str, str] | None = None,
    **more: str,
) -> httpx.Response:
    return await api.send(
        "POST",
        "/v1/plans/import",
        who or api.coordinator,
        data={**FORM, **(form or {}), **more},
        files={"file": (name, content)},
        params={"dry_run": "true"} if dry_run else {},
        headers=headers or {},
    )

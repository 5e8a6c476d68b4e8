"""A month is published through the public address, in its three forms, to whoever asks."""

import hashlib

import httpx
import pytest

from tests.support.http import Client
from tests.support.system import System

PATHS = ("/v1/publications/feedback", "/v1/publications/dossiers")
FORMS = {"html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8", "json": "application/json"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("system", ["postgres"], indirect=True)  # a publication is no event
def test_a_month_is_read_in_three_forms_without_a_token(system: System, desk: Client, path: str) -> None:
    month = f"{path}/1999-03"
    assert httpx.get(f"{system.url}{month}").status_code == 404
    desk.create(f"{month}/versions", {"reason": "Công bố số liệu cũ"})
    for form, media in FORMS.items():
        by_suffix = httpx.get(f"{system.url}{month}.{form}")
        by_accept = httpx.get(f"{system.url}{month}", headers={"Accept": media.split(";")[0]})
        assert (by_suffix.status_code, by_suffix.headers["Content-Type"]) == (200, media)
        assert by_suffix.content == by_accept.content
    page, document = httpx.get(f"{system.url}{month}"), httpx.get(f"{system.url}{month}.json")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert hashlib.sha256(document.content).hexdigest() in page.text
    assert document.headers["Repr-Digest"].startswith("sha-256=:")
    assert f'href="{path}"' in httpx.get(system.url).text

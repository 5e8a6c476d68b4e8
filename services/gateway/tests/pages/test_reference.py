"""The reference works without another host."""

import re

import httpx


def test_the_page_is_made_of_what_the_gateway_serves(gateway: str) -> None:
    page = httpx.get(f"{gateway}/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(parts) == 4
    found = {part: httpx.get(f"{gateway}{part}") for part in parts if part.startswith("/docs/")}
    assert {part.rpartition(".")[2] for part in found} == {"css", "js"}
    assert set(parts) - found.keys() == {"/openapi.json"}
    for part, answer in found.items():
        kind = answer.headers["content-type"].partition(";")[0]
        assert answer.status_code == 200
        assert kind in ({"text/css"} if part.endswith("css") else {"text/javascript", "application/javascript"})


def test_the_browser_is_told_to_ask_nobody_else(gateway: str) -> None:
    policy = dict(
        rule.strip().split(" ", 1)
        for rule in httpx.get(f"{gateway}/docs").headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"


def test_nothing_else_is_served_from_there(gateway: str) -> None:
    for name in ("favicon.png", "redoc.standalone.js", "reference.html", "%2e%2e%2fsettings.py"):
        assert httpx.get(f"{gateway}/docs/{name}").status_code in {400, 404}, name


def test_the_landing_page_leads_there(gateway: str) -> None:
    assert 'href="/docs"' in httpx.get(gateway).text

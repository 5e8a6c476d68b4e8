"""Settings are read kindly, and what cannot work is told."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from cchc_shared.service.http_settings import HttpSettings, read
from cchc_shared.service.settings import DatabaseSettings


def settings(**given: object) -> HttpSettings:
    return HttpSettings.model_validate({"jwks_url": "file:///none", **given})


@pytest.mark.parametrize("given", ["INFO", "Info", "info"])
def test_a_level_is_taken_in_either_case(given: str) -> None:
    assert settings(log_level=given).log_level == "info"


def test_settings_that_cannot_work_end_the_process_with_a_line_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"LOG_LEVEL": "loud", "MAX_BODY_BYTES": "2MB", "DATABASE_URL": "mysql://u:pw@h"}
    monkeypatch.delenv("JWKS_URL", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        read(DatabaseSettings)
    assert ended.value.code == os.EX_CONFIG
    lines = capsys.readouterr().err.splitlines()
    assert sorted(line.partition(": ")[0] for line in lines) == [
        "DATABASE_URL",
        "JWKS_URL",
        "LOG_LEVEL=loud",
        "MAX_BODY_BYTES=2MB",
    ]
    assert all(" · " in line for line in lines)
    assert "pw" not in "".join(lines)


DOCUMENT = """
version: 1
issuers:
  - {namespace: staff, issuer: https://id.example.vn/realms/cchc, roles_at: [roles], may_give: [officer]}
"""


def test_a_document_names_issuers_alone_or_beside_the_only_one(tmp_path: Path) -> None:
    file = tmp_path / "issuers.yaml"
    file.write_text(DOCUMENT)
    alone = HttpSettings.model_validate({"token_issuers": file})
    assert [each.namespace for each in alone.issuers] == ["staff"]
    assert [each.namespace for each in settings(token_issuers=file).issuers] == ["", "staff"]
    assert [each.issuer for each in settings(token_issuer="cchc").issuers] == ["cchc"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (DOCUMENT.replace("[officer]", "[emperor]"), r"issuers\.0\.may_give\.0: "),
        (DOCUMENT.replace("namespace: staff", "namespace: ''"), r"issuers\.1\.namespace: "),
        (DOCUMENT.replace("https:", "http:"), "has no TLS"),
        (DOCUMENT.replace("realms/cchc", "realms/cchc-example"), "is the example realm"),
        (None, "No such file"),
    ],
)
def test_a_document_that_cannot_be_used_in_production_is_told(said: str | None, why: str, tmp_path: Path) -> None:
    file = tmp_path / "issuers.yaml"
    if said is not None:
        file.write_text(said)
    with pytest.raises(ValidationError, match=why):
        settings(token_issuers=file, environment="production")


def test_a_trial_may_use_the_example_realm_and_plain_http(tmp_path: Path) -> None:
    file = tmp_path / "issuers.yaml"
    file.write_text(DOCUMENT.replace("https:", "http:").replace("realms/cchc", "realms/cchc-example"))
    assert len(settings(token_issuers=file, environment="embedded").issuers) == 2


@pytest.mark.parametrize("address", ["http://id.example.vn/keys", "http://127.0.0.1:8180/realms/cchc-example/certs"])
def test_the_only_issuer_is_no_exception_in_production(address: str) -> None:
    settings(jwks_url=address, environment="embedded")
    with pytest.raises(ValidationError):
        settings(jwks_url=address, environment="production")


def test_settings_that_do_not_fit_together_say_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"JWKS_URL": "file:///none", "CCHC_CLOCK_SHIFT": "P1D", "ENVIRONMENT": "production"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        read(HttpSettings)
    assert "settings cannot work: CCHC_CLOCK_SHIFT moves every deadline" in capsys.readouterr().err

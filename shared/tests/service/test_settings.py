"""Settings are read kindly, and what cannot work is told."""

import os

import pytest

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


def test_settings_that_do_not_fit_together_say_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"JWKS_URL": "file:///none", "CCHC_CLOCK_SHIFT": "P1D", "ENVIRONMENT": "production"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        read(HttpSettings)
    assert "settings cannot work: CCHC_CLOCK_SHIFT moves every deadline" in capsys.readouterr().err

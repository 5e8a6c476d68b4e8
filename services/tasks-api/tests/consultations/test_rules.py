"""The city's document of consultations is refused where it could not be followed."""

from pathlib import Path

import msgspec
import pytest

from tasks_api.consultations.rules import BLANKS, ConsultationRules

HANOI = Path(__file__).parents[4] / "data" / "hanoi"
DOCUMENT = (HANOI / "consultation_rules.yaml").read_text("utf-8")


def test_the_kinds_of_the_contract_and_what_silence_means() -> None:
    kinds = ConsultationRules.load(HANOI).kinds
    assert {code: kind.deemed_consent.value for code, kind in kinds.items()} == {
        "city_administration": True,
        "one_stop": False,
        "ordinary": False,
    }
    assert (kinds["city_administration"].least_days.value, kinds["city_administration"].most_days.value) == (2, 5)
    assert kinds["one_stop"].tell is not None
    assert all(f"{{{blank}}}" in DOCUMENT for blank in BLANKS)


@pytest.mark.parametrize(
    ("former", "now"),
    [
        ("Kính gửi: {unit}", "Kính gửi: {head}"),
        ("Kính gửi: {unit}", "Kính gửi: {unit!r}"),
        ("Kính gửi: {unit}", "Kính gửi: {unit"),
        ("least_days: {value: 2", "least_days: {value: 6"),
        ("least_days: {value: 2", "least_days: {value: 0"),
    ],
)
def test_a_document_that_cannot_be_followed_is_refused(tmp_path: Path, former: str, now: str) -> None:
    assert former in DOCUMENT
    (tmp_path / "consultation_rules.yaml").write_text(DOCUMENT.replace(former, now), "utf-8")
    with pytest.raises(msgspec.ValidationError):
        ConsultationRules.load(tmp_path)

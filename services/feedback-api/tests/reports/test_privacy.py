"""Sealed contact data, and tracking secrets."""

import pytest

from feedback_api.reports.contacts import BrokenSeal, Contact, ContactCipher
from feedback_api.reports.secrets import TrackingSecrets


def test_a_contact_opens_only_for_its_report_and_key() -> None:
    contact = Contact("Nguyễn Văn Bảy", "0912345678")
    cipher = ContactCipher(bytes(32))
    sealed = cipher.seal("PA-26-000001", contact)
    assert cipher.open("PA-26-000001", sealed) == contact
    assert sealed != cipher.seal("PA-26-000001", contact)
    for other, code, data in (
        (cipher, "PA-26-000002", sealed),
        (ContactCipher(bytes(31) + b"x"), "PA-26-000001", sealed),
        (cipher, "PA-26-000001", sealed[:-1] + bytes([sealed[-1] ^ 1])),
    ):
        with pytest.raises(BrokenSeal):
            other.open(code, data)


def test_a_secret_is_the_same_for_the_same_request_only() -> None:
    secrets = TrackingSecrets(bytes(32))
    first = secrets.new("citizen-1", "key", b"digest")
    assert first == secrets.new("citizen-1", "key", b"digest")
    others = {
        secrets.new("citizen-2", "key", b"digest"),
        secrets.new("citizen-1", "key2", b"digest"),
        secrets.new("citizen-1", "key", b"digest2"),
        secrets.new("citizen-1", None, b"digest"),
        secrets.new("citizen-1", None, b"digest"),
        TrackingSecrets(bytes(31) + b"x").new("citizen-1", "key", b"digest"),
    }
    assert len(others | {first}) == 7

"""Sealed contact data, and tracking secrets."""

import os

import pytest

from cchc_shared.http.tracking import secret_digest
from feedback_api.reports.contacts import BrokenSeal, Contact, ContactCipher, Seal, key_id
from feedback_api.reports.secrets import TrackingSecrets

CODE = "PA-26-000001"
OLD, NEW = bytes(32), bytes(31) + b"x"


def test_a_contact_opens_only_for_its_report_and_key() -> None:
    contact = Contact("Nguyễn Văn Bảy", "0912345678")
    cipher = ContactCipher([OLD])
    seal = cipher.seal(CODE, contact)
    assert cipher.open(CODE, seal) == contact
    assert seal != cipher.seal(CODE, contact)
    changed = seal.sealed[:-1] + bytes([seal.sealed[-1] ^ 1])
    for other, code, data in (
        (cipher, "PA-26-000002", seal),
        (ContactCipher([NEW]), CODE, seal),
        (ContactCipher([NEW]), CODE, Seal(None, seal.sealed)),
        (cipher, CODE, Seal(seal.key_id, changed)),
        (cipher, CODE, Seal(None, changed)),
        (ContactCipher([OLD, NEW]), CODE, Seal(key_id(NEW), seal.sealed)),
    ):
        with pytest.raises(BrokenSeal):
            other.open(code, data)


def test_the_first_key_seals_and_all_open() -> None:
    contact = Contact(email="bay@example.vn", anonymous=True)
    former = ContactCipher([OLD]).seal(CODE, contact)
    both = ContactCipher([NEW, OLD])
    assert both.open(CODE, former) == contact
    assert both.open(CODE, Seal(None, former.sealed)) == contact  # as it was kept before seals named their key
    again = both.seal(CODE, both.open(CODE, former))
    assert again.key_id == both.key_id == key_id(NEW) != former.key_id
    assert ContactCipher([NEW]).open(CODE, again) == contact


def test_what_a_backup_holds_cannot_be_read_once_its_key_is_destroyed() -> None:
    in_the_backup = ContactCipher([OLD]).seal(CODE, Contact("Nguyễn Văn Bảy"))
    with pytest.raises(BrokenSeal):
        ContactCipher([NEW, os.urandom(32)]).open(CODE, in_the_backup)


def test_a_secret_is_the_same_for_the_same_request_only() -> None:
    secrets = TrackingSecrets([OLD])
    first = secrets.new("citizen-1", "key", b"digest")
    assert first == secrets.new("citizen-1", "key", b"digest")
    others = {
        secrets.new("citizen-2", "key", b"digest"),
        secrets.new("citizen-1", "key2", b"digest"),
        secrets.new("citizen-1", "key", b"digest2"),
        secrets.new("citizen-1", None, b"digest"),
        secrets.new("citizen-1", None, b"digest"),
        TrackingSecrets([NEW]).new("citizen-1", "key", b"digest"),
    }
    assert len(others | {first}) == 7


def test_a_secret_is_found_again_under_a_former_key() -> None:
    request = "citizen-1", "key", b"digest"
    given = TrackingSecrets([OLD]).new(*request)
    assert TrackingSecrets([NEW, OLD]).given_before(*request, secret_digest(given)) == given
    assert TrackingSecrets([NEW]).given_before(*request, secret_digest(given)) is None
    assert TrackingSecrets([OLD]).given_before(*request, b"") is None

"""Where the bytes of a file are."""

from cchc_shared.files.keys import key_of


def test_an_object_is_what_its_hash_says_in_the_folder_of_what_it_belongs_to() -> None:
    assert key_of("VB-2024-000001", bytes.fromhex("00ff")) == "VB-2024-000001/00ff"

"""Where the bytes of a file are in the storage. Pure."""


def key_of(folder: str, sha256: bytes) -> str:
    """The place of an object: what it is, in the folder of what it belongs to."""
    return f"{folder}/{sha256.hex()}"

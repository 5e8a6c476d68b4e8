"""JSON Schemas and the documents that hold them, as tests look through them."""

from collections.abc import Iterator


def references(node: object) -> Iterator[str]:
    """Every `$ref` in the node, wherever it stands."""
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)

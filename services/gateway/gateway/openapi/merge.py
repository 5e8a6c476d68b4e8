"""Several OpenAPI 3.1 documents as one. Pure: documents in, a document out."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.openapi.areas import AREAS

Document = Mapping[str, Any]


class PathTaken(ValueError):
    """Two services claim the same path."""


def merge(documents: Mapping[str, Document], *, serves: Callable[[str, str], bool]) -> dict[str, Any]:
    """One document from those of the services, by service name.

    Only paths for which `serves(service, path)` holds are taken, and only the components they need. A component
    that two services define alike is kept once; one that they define differently is kept under `<service>.<name>`
    in each. Raises `PathTaken`.
    """
    parts = {
        service: _needed(
            {path: item for path, item in document.get("paths", {}).items() if serves(service, path)}, document
        )
        for service, document in sorted(documents.items())
    }
    clashing = _clashing([components for _, components in parts.values()])
    paths: dict[str, Any] = {}
    components: dict[str, dict[str, Any]] = {}
    for service, (own_paths, own_components) in parts.items():
        names = {key: f"{service}.{key[1]}" for key in own_components if key in clashing}
        for path, item in own_paths.items():
            if path in paths:
                raise PathTaken(path)
            paths[path] = _distinct_operations(_renamed(item, names), service)
        for (section, name), component in own_components.items():
            components.setdefault(section, {})[names.get((section, name), name)] = _renamed(component, names)
    return {
        "openapi": "3.1.0",
        "paths": dict(sorted(paths.items())),
        "components": {section: dict(sorted(found.items())) for section, found in sorted(components.items())},
        "tags": _tags(paths),
    }


Key = tuple[str, str]
"""Section and name of a component, as in `schemas`, `Task`."""


def _needed(paths: dict[str, Any], document: Document) -> tuple[dict[str, Any], dict[Key, Any]]:
    """The paths, and every component they reach."""
    defined = document.get("components", {})
    found: dict[Key, Any] = {}
    open_keys = _references(paths)
    while open_keys:
        key = open_keys.pop()
        if key in found or key[1] not in defined.get(key[0], {}):
            continue
        found[key] = defined[key[0]][key[1]]
        open_keys |= _references(found[key])
    return paths, dict(sorted(found.items()))


def _references(node: Any) -> set[Key]:
    """Components that a part of a document points at, security schemes included."""
    found: set[Key] = set()
    if isinstance(node, Mapping):
        target = node.get("$ref")
        if isinstance(target, str) and (key := _key(target)) is not None:
            found.add(key)
        for name, value in node.items():
            if name == "security" and isinstance(value, list):
                found |= {("securitySchemes", scheme) for requirement in value for scheme in requirement}
            found |= _references(value)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for value in node:
            found |= _references(value)
    return found


def _key(reference: str) -> Key | None:
    section, _, name = reference.removeprefix("#/components/").partition("/")
    return (section, name) if reference.startswith("#/components/") else None


def _clashing(services: Sequence[Mapping[Key, Any]]) -> set[Key]:
    """Components that services define differently, with all that reach them: these differ by what they reach."""
    every = {key for components in services for key in components}
    clashing = {
        key
        for key in every
        if any(
            components[key] != other[key]
            for components in services
            for other in services
            if key in components and key in other
        )
    }
    reaching = {
        key: set().union(*(_references(components[key]) for components in services if key in components))
        for key in every
    }
    while grown := {key for key in every - clashing if reaching[key] & clashing}:
        clashing |= grown
    return {key for key in clashing if sum(key in components for components in services) > 1}


def _renamed(node: Any, names: Mapping[Key, str]) -> Any:
    """A copy in which every reference has the component's new name."""
    if not names:
        return copy.deepcopy(node)
    if isinstance(node, Mapping):
        return {name: _renamed_value(name, value, names) for name, value in node.items()}
    if isinstance(node, list):
        return [_renamed(value, names) for value in node]
    return node


def _renamed_value(name: str, value: Any, names: Mapping[Key, str]) -> Any:
    if name == "$ref" and isinstance(value, str):
        key = _key(value)
        return value if key is None or key not in names else f"#/components/{key[0]}/{names[key]}"
    if name == "mapping" and isinstance(value, Mapping):  # of a discriminator: its values are references too
        return {tag: _renamed_value("$ref", target, names) for tag, target in value.items()}
    if name == "security" and isinstance(value, list):
        return [
            {names.get(("securitySchemes", scheme), scheme): scopes for scheme, scopes in requirement.items()}
            for requirement in value
        ]
    return _renamed(value, names)


def _distinct_operations(item: dict[str, Any], service: str) -> dict[str, Any]:
    """Operation ids are unique in a document: each carries its service."""
    for operation in item.values():
        if isinstance(operation, dict) and "operationId" in operation:
            operation["operationId"] = f"{service}.{operation['operationId']}"
    return item


def _tags(paths: Mapping[str, Any]) -> list[dict[str, str]]:
    """A tag for each area that has an operation, in the order of the areas."""
    used = {
        tag
        for item in paths.values()
        for operation in item.values()
        if isinstance(operation, Mapping)
        for tag in operation.get("tags", [])
    }
    known = [{"name": name, "description": text} for name, text in AREAS.items() if name in used]
    return known + [{"name": name} for name in sorted(used - AREAS.keys())]

"""Several OpenAPI 3.1 documents as one. Pure: documents in, a document out."""

import copy
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from gateway.openapi.table import GATEWAY, Document


class PathTaken(ValueError):
    """Two services claim the same path."""


def merge(documents: Mapping[str, Document], *, serves: Callable[[str, str], bool]) -> dict[str, Any]:
    """One document from those of the services, by service name.

    Only paths for which `serves(service, path)` holds are taken, and only the components they need. A component
    that two services define alike is kept once; one that they define differently is kept under `<service>.<name>`
    in each, and so is an operation id that two services use. Areas (tags) come service by service, each in its own
    order, those of the gateway last. Raises `PathTaken`.
    """
    parts = {
        service: _needed(
            {path: item for path, item in document.get("paths", {}).items() if serves(service, path)}, document
        )
        for service, document in sorted(documents.items(), key=lambda item: (item[0] == GATEWAY, item[0]))
    }
    clashing = _clashing([components for _, components in parts.values()])
    ids = Counter(operation["operationId"] for own, _ in parts.values() for operation in _operations(own))
    paths: dict[str, Any] = {}
    components: dict[str, dict[str, Any]] = {}
    for service, (own_paths, own_components) in parts.items():
        names = {key: f"{service}.{key[1]}" for key in own_components if key in clashing}
        for path, item in own_paths.items():
            if path in paths:
                raise PathTaken(path)
            paths[path] = _renamed(item, names)
        for operation in _operations({path: paths[path] for path in own_paths}):
            if ids[operation["operationId"]] > 1:
                operation["operationId"] = f"{service}.{operation['operationId']}"
        for (section, name), component in own_components.items():
            components.setdefault(section, {})[names.get((section, name), name)] = _renamed(component, names)
    return {
        "openapi": "3.1.0",
        "paths": dict(sorted(paths.items())),
        "components": {section: dict(sorted(found.items())) for section, found in sorted(components.items())},
        "tags": _tags((documents[service], own_paths) for service, (own_paths, _) in parts.items()),
    }


Key = tuple[str, str]
"""Section and name of a component, as in `schemas`, `Task`."""


def _needed(paths: dict[str, Any], document: Document) -> tuple[dict[str, Any], dict[Key, Any]]:
    """The paths, and every component that they refer to, directly or not."""
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
    """Components that a part of a document refers to, security schemes included."""
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
    """Components that services define differently, and those that refer to them: they differ too."""
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


def _operations(paths: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The operations of some path items, in which other members may stand too."""
    for item in paths.values():
        for member in item.values():
            if isinstance(member, dict) and "operationId" in member:
                yield member


def _tags(services: Iterable[tuple[Document, Mapping[str, Any]]]) -> list[dict[str, str]]:
    """The areas that have an operation, as their services describe them; the first description of a name is kept.

    An area of several services, such as the operation of the system, comes after those of one.
    """
    areas: dict[str, dict[str, str]] = {}
    bearers: Counter[str] = Counter()
    for document, paths in services:
        used = {tag for operation in _operations(paths) for tag in operation.get("tags", [])}
        described = {area["name"]: area for area in document.get("tags", []) if area["name"] in used}
        for name in [*described, *sorted(used - described.keys())]:
            areas.setdefault(name, described.get(name, {"name": name}))
        bearers.update(used)
    return sorted(areas.values(), key=lambda area: bearers[area["name"]] > 1)

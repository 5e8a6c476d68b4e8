"""Which tests one worker runs together, because they share what takes long to start; and which come first.

In place of the marks of pytest-xdist: with pytest 9 its `--dist loadgroup` no longer sees them, without a word.
"""

import re

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]

_ONE_SYSTEM = re.compile(r"^tests/(?:end_to_end|clients|golden|fuzz)/.*[\[-](postgres|kafka|apart)[\]-]")
_ONE_FILE = re.compile(
    r"^(?:deploy/embedded/tests/(?:admin/test_backup_restore|test_environment)|tests/end_to_end/test_keycloak)\.py\b"
)
_LONG = re.compile(r"^(?:deploy|tests/(?:chaos|contracts|end_to_end|clients|golden|fuzz))/")


def group_of(nodeid: str) -> str:
    """The tests over one running system belong together; any other test stands alone."""
    if found := _ONE_SYSTEM.match(nodeid):
        return f"end to end, {found[1]}"
    return found[0] if (found := _ONE_FILE.match(nodeid)) else nodeid


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts whole systems or waits long comes first: begun last, it would leave others with nothing to do."""
    items.sort(key=lambda item: _LONG.match(item.nodeid) is None)


class Groups(LoadGroupScheduling):  # type: ignore[misc]
    """Sends the tests of a group to the same worker, groups in the order of the collection."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        config.option.loadscopereorder = False  # else the largest group would come first
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups | None:
    """Takes the place of xdist's own grouping."""
    return Groups(config, log) if config.getoption("dist") == "loadgroup" else None

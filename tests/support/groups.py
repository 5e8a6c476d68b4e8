"""Which tests one worker runs together, because they share what takes long to start.

In place of the marks of pytest-xdist: with pytest 9 its `--dist loadgroup` no longer sees them, without a word.
"""

import re

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]

_ONE_SYSTEM = re.compile(r"^tests/(?:end_to_end|clients|golden|fuzz)/.*\[(postgres|kafka)\b")


def group_of(nodeid: str) -> str:
    """The tests over one running system belong together; any other test stands alone."""
    found = _ONE_SYSTEM.match(nodeid)
    return f"end to end, {found[1]}" if found else nodeid


class Groups(LoadGroupScheduling):  # type: ignore[misc]
    """Sends the tests of a group to the same worker."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups | None:
    """Takes the place of xdist's own grouping."""
    return Groups(config, log) if config.getoption("dist") == "loadgroup" else None

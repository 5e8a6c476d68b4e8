"""Apps that are too old to be answered, by what they say of themselves in `X-Client`."""

import re
from collections.abc import Mapping
from typing import Final

from cchc_shared.http.problems import Problem
from gateway.limits import problems
from gateway.limits.rules import VERSION, CallerRules, older

HEADER: Final = b"x-client"
_CLIENT: Final = re.compile(rf"([a-z0-9][a-z0-9-]{{0,63}})/({VERSION.pattern})")


class RetiredClients:
    """Looks at `X-Client: city-app/2.3.1`. Whoever sends no such header, or another form of it, is answered."""

    def __init__(self, rules: CallerRules) -> None:
        self._by_name = {each.client: each for each in rules.retired_clients}

    def refusal(self, given: Mapping[bytes, bytes]) -> Problem | None:
        """403 for a version that is retired."""
        if HEADER not in given:
            return None
        said = _CLIENT.fullmatch(given[HEADER].decode("latin-1"))
        app = self._by_name.get(said[1]) if said else None
        return problems.client_retired(app) if said and app and older(said[2], app.below) else None

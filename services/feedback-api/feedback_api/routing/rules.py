"""The routing rules of the city: the unit that reports of a kind go to."""

from cchc_shared.contract.provenance import Text
from feedback_api.rulebook import Part, Rule, check_complete


class Route(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The unit that reports of a kind go to when their sender named none."""

    unit: str
    why: Text


class RoutingRules(Part, frozen=True, kw_only=True):
    """All routes. Loading checks that no report falls between them."""

    routing: tuple[Route, ...]

    def __post_init__(self) -> None:
        check_complete(self.routing, self.effective_from)

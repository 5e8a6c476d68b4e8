"""The caller behind a checked token."""

from dataclasses import dataclass

from cchc_shared.contract.codes import Role


@dataclass(frozen=True, slots=True)
class Scope:
    """How far a connected system may go: areas and operations of the contract, units (None: the whole city), and
    channels of reports."""

    routes: frozenset[str]
    units: frozenset[str] | None
    channels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose token was checked. `unit` is the code of the unit a member of staff works for; `scope` is None
    where no bounds are set but those of the roles."""

    sub: str
    roles: frozenset[Role]
    unit: str | None
    scope: Scope | None = None

    @property
    def namespace(self) -> str:
        """Whose idempotency keys are the caller's own: nobody else is answered by them."""
        return self.sub

    def may_call(self, *names: str) -> bool:
        """Whether an operation with these names, its own and those of its areas, is within the caller's scope."""
        return self.scope is None or not self.scope.routes.isdisjoint(names)

    def may_speak_of(self, unit: str) -> bool:
        """Whether a unit is within the caller's scope."""
        return self.scope is None or self.scope.units is None or unit in self.scope.units

    def may_send(self, channel: str) -> bool:
        """Whether reports of a channel are within the caller's scope."""
        return self.scope is None or channel in self.scope.channels

    def has(self, *roles: Role) -> bool:
        """Whether the caller holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def acting_as(self, *roles: Role) -> Role | None:
        """The role that the caller acts in, of those that would do: the first that the caller holds."""
        return next((role for role in roles if role in self.roles), None)

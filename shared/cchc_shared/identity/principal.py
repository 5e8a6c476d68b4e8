"""The caller behind a checked token."""

from dataclasses import dataclass

from cchc_shared.contract.codes import Role


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose token was checked. `unit` is the code of the unit a member of staff works for."""

    sub: str
    roles: frozenset[Role]
    unit: str | None

    @property
    def namespace(self) -> str:
        """Whose idempotency keys are the caller's own: nobody else is answered by them."""
        return self.sub

    def has(self, *roles: Role) -> bool:
        """Whether the caller holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def acting_as(self, *roles: Role) -> Role | None:
        """The role that the caller acts in, of those that would do: the first that the caller holds."""
        return next((role for role in roles if role in self.roles), None)

"""The portal of integrators, `/developers`: made of the contracts and the guides, without another host (ADR 0069)."""

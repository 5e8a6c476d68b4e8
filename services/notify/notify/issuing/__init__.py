"""Keys made, rotated and revoked by a command of the operator."""

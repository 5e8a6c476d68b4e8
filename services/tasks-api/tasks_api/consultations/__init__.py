"""Units are asked for their opinion, and silence has its consequence at the deadline."""

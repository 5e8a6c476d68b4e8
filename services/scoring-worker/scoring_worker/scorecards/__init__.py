"""A unit's card in a season: who enters what of its criteria, in which stage."""

"""Numbers that no event brings come in here, from other systems and from the scoring board."""

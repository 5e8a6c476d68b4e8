"""Numbers of units that no event brings: they are entered for a period, and every version of them is kept."""

"""Two scores beside each other: of two units, or of a unit in two periods."""

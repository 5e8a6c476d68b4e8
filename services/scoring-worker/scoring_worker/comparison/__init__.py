"""Two scores beside each other, live or as seasons published them: of two units, or of a unit at two times."""

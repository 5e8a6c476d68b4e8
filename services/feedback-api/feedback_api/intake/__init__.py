"""How a report comes in: one statement and one commit for many at once."""

"""Points of one field of a published season, for other indices: with the hash of their link, and signed."""

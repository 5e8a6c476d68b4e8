"""How long acceptance and answer of a report may take, and when they are late."""

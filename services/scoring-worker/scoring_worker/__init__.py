"""Events become facts, indicators and scores that explain themselves."""

"""Keeps counts and scores in step with the facts, the units and the index sets."""

"""Turns events into facts, counts and scores; and lets deadlines pass."""

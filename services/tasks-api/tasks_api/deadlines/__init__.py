"""Reads what a deadline says: its last day, its rhythm, or why there is none."""

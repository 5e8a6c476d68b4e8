"""Assigns the occurrences of recurring tasks, each when its time has come."""

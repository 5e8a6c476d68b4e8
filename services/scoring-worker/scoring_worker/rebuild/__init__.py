"""The scores made again from the log of events."""

"""The copy of the directory of units made again from the log of events."""

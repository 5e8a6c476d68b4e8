"""What became of the tasks of a month, reported: closed on its day, never changed, corrected by new versions."""

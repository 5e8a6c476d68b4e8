"""What is personal in a report is erased when its time has come, or when somebody asks; a tombstone says so."""

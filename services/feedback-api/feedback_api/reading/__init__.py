"""Lists of reports, one report, and its history."""

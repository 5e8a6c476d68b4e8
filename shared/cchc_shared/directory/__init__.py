"""A service's copy of the directory of units: the worker keeps it in the database, each API process in memory."""

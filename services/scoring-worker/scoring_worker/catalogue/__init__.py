"""The loaded index sets: where they are stored, and which of them is in force."""

"""Pages that people see, in Vietnamese and English."""

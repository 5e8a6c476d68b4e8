"""Files that citizens and officials attach to a report: taken in, cleaned, kept, shown."""

"""Parts of a report that several units do, with one answer to its sender."""

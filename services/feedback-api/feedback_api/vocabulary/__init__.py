"""The codes of reports with their labels, for whoever shows them to people."""

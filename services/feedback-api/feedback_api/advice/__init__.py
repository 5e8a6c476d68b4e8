"""What words of a report and of a draft point to; a person decides."""

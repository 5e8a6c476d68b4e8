"""What became of the reports of a month, published: closed on its day, never changed, corrected by new versions."""

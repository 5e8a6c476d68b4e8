"""What became of the dossiers of a month, published: closed on its day, never changed, corrected by new versions."""

"""A dossier: what was said of it, and what follows from that."""

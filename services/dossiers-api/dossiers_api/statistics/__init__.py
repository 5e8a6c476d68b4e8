"""Dossiers counted by unit, procedure, field, channel, status and month of receipt."""

"""Texts that officials use again and again in answers."""

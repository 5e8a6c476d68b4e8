"""Loads index sets from files, and scores by them."""

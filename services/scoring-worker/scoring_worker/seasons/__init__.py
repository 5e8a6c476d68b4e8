"""Seasons: an index is decided in steps by many, published, and cannot be changed afterwards."""

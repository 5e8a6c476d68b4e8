"""Mutants of the pure modules: each is a small change of the code that some test should notice. `make mutants`."""

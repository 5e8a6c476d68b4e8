"""Clients that are generated from the committed contract, as other teams generate theirs."""

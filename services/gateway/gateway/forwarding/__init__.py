"""Requests pass to the service that owns their path, over pooled connections, in pieces, with bounds on everything."""

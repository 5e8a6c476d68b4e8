"""Forwards a request to the service that owns its path, streaming both bodies, with bounds on size and time."""

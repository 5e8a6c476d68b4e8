"""One golden answer of each resource, so that a renamed field shows in review. `make golden` writes them anew."""

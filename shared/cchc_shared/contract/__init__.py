"""The contract between services: events, code lists, and the provenance of documents."""

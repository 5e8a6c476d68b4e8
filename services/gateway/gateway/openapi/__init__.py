"""The contracts of the services: which of them owns a path, and one document for all."""

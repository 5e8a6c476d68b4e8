"""HTTP as every service speaks it: problems, access, idempotency, entity tags, paging, health."""

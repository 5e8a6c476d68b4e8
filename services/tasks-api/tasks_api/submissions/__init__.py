"""Papers that a unit submits for a decision, once differing opinions were talked over."""

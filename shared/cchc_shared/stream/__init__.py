"""How events travel: two transports behind one interface, and the exactly-once core that consumers share."""

"""The stream of events: two transports behind one interface, and the exactly-once core that consumers share."""

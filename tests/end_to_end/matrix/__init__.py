"""Every operation, called by every role at every place: who is let in, and what is told of things of others."""

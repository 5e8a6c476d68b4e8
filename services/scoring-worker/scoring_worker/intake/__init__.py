"""The consumer: a batch of events becomes duties, counts and scores in one transaction."""

"""Files of strangers: received, read in a process of their own, kept in an object storage, and served.

A service that takes files keeps its own rows of them, and says who may see which.
"""

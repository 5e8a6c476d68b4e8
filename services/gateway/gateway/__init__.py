"""The one public door: forwards to the services what is theirs, and says in one document what they take."""

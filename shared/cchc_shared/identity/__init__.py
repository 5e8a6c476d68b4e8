"""Who calls: issuers of tokens, the keys they publish, and what their claims mean here (docs/guides/identity.md)."""

"""Who calls, and how much each may ask: limits in fair shares, and apps that are too old to be answered."""

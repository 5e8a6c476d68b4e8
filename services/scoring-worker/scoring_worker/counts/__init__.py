"""How many facts of each measure stand in each state: a unit's counts in a period."""

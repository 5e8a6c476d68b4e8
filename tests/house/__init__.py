"""The shape of the house: what every service keeps, whoever writes it."""

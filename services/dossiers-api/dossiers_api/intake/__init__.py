"""Deliveries of one-stop software and portals, in our words or in those of the national portal."""

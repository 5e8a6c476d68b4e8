"""Connected systems (one-stop software, channels, LGSP): what they may do here, and what they are told."""

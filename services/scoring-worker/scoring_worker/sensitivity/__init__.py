"""How stable ranks are when weights move a little."""

"""Reports in the form in which mail, Zalo, a hotline and the national portal send them."""

"""Small, true implementations of the ports."""

"""Properties: what holds for any input, tried on inputs that nobody thought of."""

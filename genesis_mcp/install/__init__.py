"""Our server in the configuration of its clients: put in, taken out again, and found there."""

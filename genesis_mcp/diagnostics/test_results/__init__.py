"""What a run's output says of its tests: how many passed, which failed and why, which retried."""

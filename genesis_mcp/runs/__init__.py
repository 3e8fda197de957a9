"""What is stored and asked: runs and events, the query, times, verdicts."""

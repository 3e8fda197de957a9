"""What an agent runs by itself: which of its commands are runs, and how they are recorded."""

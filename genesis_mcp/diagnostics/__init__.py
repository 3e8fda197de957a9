"""What an output says: its error, the keys that tell errors apart."""

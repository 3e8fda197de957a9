"""Pure functions on any text."""

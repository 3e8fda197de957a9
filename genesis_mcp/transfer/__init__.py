"""Runs from one store to another, and out as lines of JSON."""

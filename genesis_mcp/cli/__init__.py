"""The commands for people, one module a group of them."""

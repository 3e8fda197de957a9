"""How many characters an answer may have."""

MAX_CHARS = 8_000
"""Characters of an answer unless more was asked for, about 2,000 to 2,500 tokens."""

FULL_CHARS = 20_000
"""The same with `detail="full"`."""

MAX_CHARS_RANGE = (2_000, 40_000)
"""What the budget may be set to; hosts cut or move results above about 50,000 characters."""

"""Suites of tests that really ran, recorded beside what the runners' own reports tell of them."""

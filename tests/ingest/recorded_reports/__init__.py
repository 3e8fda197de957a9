"""Reports that real runners and reporters wrote of the suites in `tests/diagnostics/suites`."""

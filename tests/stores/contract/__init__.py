"""What every store does, whatever its engine: genesis_mcp/stores/contract.py as tests."""

"""The server's tools, prompts and pipes: the only importers of the MCP SDK."""

"""How the tools print their errors, a module a family of tools."""

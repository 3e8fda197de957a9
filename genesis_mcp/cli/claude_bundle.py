"""The bundle of this server in Claude Desktop: whether it is installed there, and which version."""

from collections.abc import Iterator
from pathlib import Path

from genesis_mcp import __version__
from genesis_mcp.errors import ConfigError
from genesis_mcp.install.config_file import as_json, read_text
from genesis_mcp.text.clean import clean_line

FOLDER = "Claude Extensions"
"""Beside Claude Desktop's configuration: a folder for each bundle, with what was packed."""

BUNDLE = "genesis-mcp"

VERSION_CHARS = 20


def said_of_bundles(configuration: Path, *, is_entered: bool) -> Iterator[str]:
    """What there is to say of it, where Claude Desktop's configuration is this file.

    What its user entered there is not looked at: secrets are encrypted, and no affair of ours.
    """
    for file in sorted((configuration.parent / FOLDER).glob("*/manifest.json")):
        version = _version(file)
        if version is None:
            continue
        other = "" if version == __version__ else f", which is not this version ({__version__})"
        twice = (
            "; it is there twice then: genesis-mcp uninstall claude-desktop" if is_entered else ""
        )
        yield f"Claude Desktop has its bundle {version}{other}{twice}"


def _version(file: Path) -> str | None:
    """Of our bundle; None of another's."""
    try:
        manifest = as_json(read_text(file) or "")
    except ConfigError:  # that of another, whatever is wrong with it
        return None
    if manifest.get("name") != BUNDLE:
        return None
    return clean_line(str(manifest.get("version")), VERSION_CHARS)

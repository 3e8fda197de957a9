"""Makes the folder of an `.mcpb` bundle from a wheel; `mcpb pack` packs it.

`python -m deploy.bundle.make WHEEL FOLDER`. A bundle is what Claude Desktop installs by a double
click: it brings uv, which gets Python and what the wheel depends on.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from deploy.icons import SIZES, png, read_icon
from genesis_mcp import __version__
from genesis_mcp.mcp_server.tools import DESCRIPTION, TOOLS

START = Path(__file__).with_name("start.py")

PROJECT = """\
[project]
name = "genesis-mcp-bundle"
version = "{version}"
requires-python = ">=3.11"
dependencies = ["genesis-mcp"]

[tool.uv]
package = false

[tool.uv.sources]
genesis-mcp = {{ path = "{wheel}" }}
"""

SETTINGS: dict[str, dict[str, Any]] = {
    "store": {
        "type": "string",
        "title": "Store",
        "description": "URL of the logs: sqlite:///path, mongodb://…, clickhouse://…, or https://… "
        "of a team's server. Empty: the file that the command genesis-mcp uses on this machine.",
        "sensitive": True,  # it may hold a password
    },
    "token": {
        "type": "string",
        "title": "Token",
        "description": "For a team's server only: what `genesis-mcp token new` printed there.",
        "sensitive": True,
    },
    "read_only": {
        "type": "boolean",
        "title": "Only read",
        "description": "Claude is not offered to record runs.",
        "default": False,
    },
    "redact": {
        "type": "string",
        "title": "Secrets",
        "description": "read: secrets are hidden in answers; write: also before they are stored; "
        "off: not at all.",
        "default": "read",
    },
}
"""What its user may enter, by the name of the setting."""


def manifest() -> dict[str, Any]:
    """The manifest, in version 0.4 of its form."""
    return {
        "manifest_version": "0.4",
        "name": "genesis-mcp",
        "display_name": "Genesis execution logs",
        "version": __version__,
        "description": DESCRIPTION,
        "author": {"name": "The genesis-mcp authors"},
        "license": "MIT",
        "keywords": ["tests", "logs", "tdd", "flaky", "ci"],
        "icon": "icons/512.png",
        "icons": [{"src": f"icons/{size}.png", "size": f"{size}x{size}"} for size in SIZES],
        "server": {
            "type": "uv",
            "entry_point": START.name,
            "mcp_config": {
                "command": "uv",
                "args": ["run", "--directory", "${__dirname}", START.name],
                "env": {f"GENESIS_{name.upper()}": f"${{user_config.{name}}}" for name in SETTINGS},
            },
        },
        "tools": [{"name": name, "description": tool.description} for name, tool in TOOLS.items()],
        "prompts_generated": True,
        "user_config": {name: {"required": False, **field} for name, field in SETTINGS.items()},
        "compatibility": {
            "platforms": ["darwin", "win32", "linux"],
            "runtimes": {"python": ">=3.11"},
        },
    }


def make(wheel: Path, folder: Path) -> None:
    """Fill a new folder."""
    (folder / "icons").mkdir(parents=True)
    icon = read_icon()
    for size in SIZES:
        (folder / "icons" / f"{size}.png").write_bytes(png(icon, size))
    shutil.copy(wheel, folder)
    shutil.copy(START, folder)
    project = PROJECT.format(version=__version__, wheel=wheel.name)
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    text = json.dumps(manifest(), indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]))

"""Where the work tree of a folder begins, and the name of the main one: worktrees are one project.

Read from git's own files (gitrepository-layout): no git is started for it.
"""

from __future__ import annotations

import os


def work_tree(folder: str, project: str | None = None) -> tuple[str, str]:
    """The root, with slashes, and the name; without git that of the project around it, or its own.

    `project` is a folder that somebody calls one.
    """
    root = folder.rstrip("/") or "/"
    while not os.path.lexists(f"{root}/.git"):
        above = root.rpartition("/")[0]
        if above in ("", root):
            root = folder
            if project and f"{folder}/".startswith(f"{project.rstrip('/')}/"):
                root = project.rstrip("/")
            return root, _name(root)
        root = above
    return root, _name(_main(root))


def _main(root: str) -> str:
    """The folder of the main work tree, or of the repository that has none."""
    try:
        with open(f"{root}/.git", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            own = file.readline(4096).removeprefix("gitdir:").strip()
        own = os.path.join(root, own)  # noqa: PTH118
        with open(f"{own}/commondir", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            common = os.path.join(own, file.readline(4096).strip())  # noqa: PTH118
    except (OSError, ValueError):  # a folder: this is the main one; or a submodule
        return root
    common = os.path.normpath(common).replace("\\", "/")
    return common.removesuffix("/.git").removesuffix(".git")


def _name(root: str) -> str:
    return root.rpartition("/")[2] or "root"

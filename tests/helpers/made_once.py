"""What a run of the tests makes once, in a folder that all of its workers share."""

import os
import shutil

from genesis_mcp.recording.file_lock import lock_within

MAKE_SECONDS = 600


def made_once(tmp_path_factory, name, make):
    """The folder that `make` fills: by the first worker that asks, while the others wait."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # whose folders stand beside each other
        root = root.parent
    folder, being_made = root / f"once-{name}", root / f"once-{name}.part"
    with (root / f"once-{name}.lock").open("ab") as lock:
        assert lock_within(MAKE_SECONDS, lock), f"another worker did not make {name}"
        if not folder.exists():
            shutil.rmtree(being_made, ignore_errors=True)  # of one that failed
            make(being_made)
            being_made.rename(folder)
    return folder

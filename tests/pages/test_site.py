"""The pages as a site: built strictly, whole, and of nothing from elsewhere."""

import runpy
import shutil
import subprocess
import sys

from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT


def build(root, target):
    command = [sys.executable, str(root / "docs" / "make_site.py"), str(target)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=WAIT)


WRONG = {
    "[a](gone.md)": "page does not exist",
    "[a](schema.md#gone)": "anchor does not exist",
    "[a](../examples/gone.js)": "gone.js leads nowhere",
    "![a](gone.png)": "gone.png leads nowhere",
    "![a](https://elsewhere.example/a.png)": "loads https://elsewhere.example/a.png",
    '<script src="//elsewhere.example/a.js"></script>': "loads //elsewhere.example/a.js",
}


def test_the_site_is_built_and_has_every_page(tmp_path):
    done = build(ROOT, tmp_path / "site")

    assert (done.returncode, done.stderr.strip()) == (0, "")
    pages = {file.stem for file in (ROOT / "docs").glob("*.md")}
    assert {file.stem for file in (tmp_path / "site" / "docs").glob("*.html")} == pages
    home = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    navigation = home.partition("<article")[0]
    assert [name for name in pages if f"./docs/{name}.html" not in navigation] == []


def test_what_leads_nowhere_or_elsewhere_fails_the_build(tmp_path):
    root = tmp_path / "copy"
    building = ROOT / "docs" / "make_site.py"
    for file in {building, *runpy.run_path(str(building))["reached"]()}:
        copied = root / file.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copied)
    with (root / "docs" / "copy.md").open("a", encoding="utf-8") as page:
        page.write("\n" + " ".join(WRONG) + "\n")

    done = build(root, tmp_path / "site")

    assert done.returncode == 1
    assert not (tmp_path / "site").exists()
    assert [told for told in WRONG.values() if told not in done.stderr] == []

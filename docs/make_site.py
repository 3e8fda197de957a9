"""Builds the pages as a site of plain files that loads nothing from elsewhere.

    python docs/make_site.py [FOLDER]        (default: site)

What `docs/index.md` leads to is in it, step by step, as it lies in the repository, so that a link
is the same here and there. Its sections are the site's navigation. A link, an anchor or a picture
that leads nowhere fails the build, and so does whatever a page would load from another host.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
INDEX = ROOT / "docs" / "index.md"

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#)([^)\s#]+)[^)\s]*\)")
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
"""What a browser fetches by itself, by tag."""

CONFIGURATION = """\
[project]
site_name = "genesis-mcp"
site_description = "MCP server through which Claude reads the logs of a run-read-fix loop"
docs_dir = "pages"
use_directory_urls = false
nav = [{navigation}]

[project.theme]
font = false
features = ["content.code.copy", "navigation.sections", "navigation.top", "toc.follow"]

[project.markdown_extensions.tables]
[project.markdown_extensions.attr_list]
[project.markdown_extensions.toc]
permalink = true
[project.markdown_extensions.toc.slugify]
object = "pymdownx.slugs.slugify"
kwds = {{ case = "lower" }}
[project.markdown_extensions."pymdownx.superfences"]
[project.markdown_extensions."pymdownx.highlight"]
"""


def main(target: Path) -> int:
    """Build the site into a folder, which is made anew; 1 when something in it is wrong."""
    with tempfile.TemporaryDirectory() as name:
        workshop = Path(name)
        for file in reached():
            copy = workshop / "pages" / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
        configuration = CONFIGURATION.format(navigation=", ".join(navigation()))
        (workshop / "zensical.toml").write_text(configuration, encoding="utf-8")
        command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
        built = subprocess.run(command, cwd=workshop, capture_output=True, check=False)
        wrong = [
            problem for page in (workshop / "site").rglob("*.html") for problem in problems(page)
        ]
        if built.returncode:
            told = (built.stdout + built.stderr).decode(errors="replace")
            wrong.append(re.sub(r"\x1b\[[\d;]*m", "", told))
        if not wrong:
            shutil.rmtree(target, ignore_errors=True)
            shutil.move(workshop / "site", target)
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


def reached() -> set[Path]:
    """Every file that the index leads to, over pages and their links."""
    found, waiting = set(), [INDEX]
    while waiting:
        file = waiting.pop()
        if file in found or not file.is_file():  # one that is missing is told by the build
            continue
        found.add(file)
        if file.suffix == ".md":
            text = FENCE.sub("", file.read_text(encoding="utf-8"))
            waiting += [(file.parent / link).resolve() for _, link in LINK.findall(text)]
    return found


def navigation() -> list[str]:
    """The sections of the index and their pages, as TOML, after the README and the index."""
    sections = [_entry("First five minutes", "README.md"), _entry("All pages", "docs/index.md")]
    for section in INDEX.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, rest = section.partition("\n")
        pages = [
            _entry(words, (INDEX.parent / link).resolve().relative_to(ROOT).as_posix())
            for words, link in LINK.findall(rest)
        ]
        sections.append(f"{{ {json.dumps(title)} = [{', '.join(pages)}] }}")
    return sections


def _entry(title: str, page: str) -> str:
    return f"{{ {json.dumps(title)} = {json.dumps(page)} }}"


def problems(page: Path) -> list[str]:
    """What in a built page leads nowhere, or would be fetched from another host."""
    parser = _Links()
    parser.feed(page.read_text(encoding="utf-8"))
    told = [f"{page.name} loads {link}" for link in parser.loaded if urlsplit(link).netloc]
    for link in sorted({*parser.loaded, *parser.linked}):
        parts = urlsplit(link)
        is_here = not (parts.scheme or parts.netloc or parts.path.startswith("/"))
        if is_here and parts.path and not (page.parent / unquote(parts.path)).is_file():
            told.append(f"{page.name}: {link} leads nowhere")
    return told


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (link := given.get(LOADED.get(tag, ""))) and given.get("rel") != "canonical":
            self.loaded.append(link)
        if tag == "a" and (link := given.get("href")):
            self.linked.append(link)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "site").resolve()))

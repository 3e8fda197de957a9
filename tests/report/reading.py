"""A page as a browser reads it, strictly."""

import html5lib
from html5lib.constants import namespaces

from genesis_mcp.report import page_of
from tests.helpers.service import NOW

ELEMENTS = (
    "html head meta title link style body a header main footer h1 h2 h3 h4 p dl div dt dd span "
    "svg rect text line path details summary table thead tbody tr th td ol ul li bdi section "
    "pre ins del b code"
)
"""All that there is on a page; what a log prints adds none."""

ATTRIBUTES = (
    "lang charset http-equiv content name rel href id class title scope dir role aria-label "
    "aria-hidden height width viewBox x y x1 x2 y1 y2 d"
)


def made(service, **options):
    return page_of(service, **{"since": "14d", "language": "en", "moment": NOW, **options})


def read(page):
    """The tree of a page that a validating parser takes, with nothing in it that could act."""
    tree = html5lib.HTMLParser(strict=True).parse(page)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue  # the comment at the head
        namespace, _, name = element.tag.rpartition("}")
        assert namespace[1:] in (namespaces["html"], namespaces["svg"])
        assert name in ELEMENTS.split()
        assert element.attrib.keys() <= {*ATTRIBUTES.split()}
        for link in (element.get("href"), element.get("src")):
            assert link is None or link.startswith("#") or link == "data:,"
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len({*ids})
    links = {element.get("href") for element in tree.iter() if element.get("href")}
    assert {link for link in links if link.startswith("#")} <= {f"#{one}" for one in ids}
    return tree


def words_of(page):
    """All text of a page, as a person reads it; without its style."""
    tree = read(page)
    for head in tree.findall(f"{{{namespaces['html']}}}head"):
        tree.remove(head)
    return " ".join(" ".join(tree.itertext()).split())

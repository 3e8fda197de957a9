"""Pieces that the runners of JavaScript have in common: frames, values that differ, names."""

AT = r"\s*at (?:.*\()?(?:file://)?(?P<file>[^\s()]+):(?P<line>\d+):\d+\)?"
VALUES = r"\s*(?:Expected|Received)\b[^:]*: .+|\s*[-+] +(?!Expected|Received|actual|expected)\S.*"
TIME = r"(?: [\[(]?[\d.]+ ?m?s[\])]?)?"


def plain(groups: dict[str, str]) -> str:
    """The name without what stands between a suite and its test."""
    name = groups.get("name", "")
    return name.replace(" › ", " ").replace(" > ", " ")

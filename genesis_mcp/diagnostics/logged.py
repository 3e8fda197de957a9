"""What a logger writes before a message: a time, a level, a thread. It finds no error itself."""

from genesis_mcp.text.pattern import pattern

_TIME = (
    r"[\[(]?(?:(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.]\d{2,4}"
    r"|(?:\w{3},? )?[A-Z][a-z]{2} {1,2}\d{1,2}(?:,? \d{4})?)[T ,]{1,2})?"
    r"\d\d:\d\d:\d\d(?:[.,:]\d{1,9})?(?: ?(?:Z|UTC|GMT)|,? ?[+-]\d\d:?\d\d| \d{4}(?= ))?[\])]?"
)
_LEVEL = (
    r"[\[(<|]?(?i:errors?|err|erro|fatal|critical|crit|severe|panic|grave|falha|warning|warn|aviso"
    r"|info|notice|debug|trace)[\])>|]?(?=[\s:|-])"
)
_APART = r"[\s|:-]+"
_HEAD = pattern(
    rf"\W{{0,3}}{_TIME}(?:{_APART}|$)(?:\[[^\]]{{1,60}}\]{_APART}(?={_LEVEL}))?"
    rf"(?:(?P<name>[\w.$/-]{{1,80}}){_APART}(?={_LEVEL}))?(?:{_LEVEL}{_APART})?"
)
_OF_PYTHON = pattern(r"(?:ERROR|CRITICAL|WARNING):(?:root:|(?P<name>[A-Za-z_][\w.]*):)(?=\S)")
_LOGFMT = pattern(r"(?:^|.*?\s)(?:level|lvl|severity)=\"?(?i:err|fatal|crit|panic)")
_FIELD = pattern(
    r"(?:^|\s)(?P<name>msg|message|err|error)=(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<bare>\S+))"
)
_LETTERS = pattern(r"[^\W\d_]{2}")


def without_log_head(line: str) -> str:
    """A line of a log without its time and its level; any other line as it is."""
    line = line.strip()
    if "=" in line and _LOGFMT.match(line):
        return _logfmt(line)
    head = _HEAD.match(line) or _OF_PYTHON.match(line)
    said = line[head.end() :].strip() if head else ""
    if not head or not _LETTERS.search(said):
        return line
    return f"{head['name']}: {said}" if head["name"] else said


def _logfmt(line: str) -> str:
    """What the fields of a line say, and the error that they name."""
    told = {one["name"]: one["quoted"] or one["bare"] or "" for one in _FIELD.finditer(line)}
    parts = [told.get("msg") or told.get("message"), told.get("err") or told.get("error")]
    return ": ".join(part.replace('\\"', '"') for part in parts if part) or line

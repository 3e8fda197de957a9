"""Recognises what stands where a secret would: `${PASS}`, `$TOKEN`, `<seu-token>`, `{{ token }}`.

A placeholder is never hidden: that the variable was not set may be the very error.
"""

from genesis_mcp.text.pattern import pattern
from genesis_mcp.text.windows import WINDOW

_PLACEHOLDER = pattern(
    r"\$[{(]|\$(?:[A-Za-z_]\w{0,63}|\d)(?=[\s\"'`@/:,;&)}\]\\<>|]|$)"  # ${PASS}, $(cat x), $TOKEN
    r"|\{\{|\#\{|\{[A-Za-z_][\w.:!-]{0,63}\}|\{\}"  # {{ token }}, #{token}, {token}
    r"|<[^<>\n]{1,64}>"  # <seu-token>
    r"|%[A-Za-z_]\w{1,63}%|%\(\w{1,63}\)s|%[sdr]\b|%\{"  # %TOKEN%, %(token)s, %s
    r"|(?i:your|seu|sua|insert|change)[_-][\w-]{1,63}|\*{3,}|x{3,}(?!\w)|\.{3}"
    r"|:[a-z_]{1,63}(?=[\s;,)]|$)|\?(?=[\s;,)]|$)"  # parameters of SQL
)


def is_placeholder(text: str, start: int) -> bool:
    """Whether what begins at `start` stands for a value instead of being one."""
    return _PLACEHOLDER.match(text, start, start + WINDOW) is not None

"""Replaces secrets in program output by `[redacted:kind]`; it never looks anything up.

Recognised are well-known shapes of tokens, credentials in URLs and headers, private key blocks,
and values whose name says that they are secret. Hashes, UUIDs and other long harmless values stay,
and so does code that only names a secret. Lines are never added or removed, so that line numbers
stay true; redacting twice changes nothing more.
"""

import re
from dataclasses import dataclass

from genesis_mcp.text.secret_names import ascii_lower, redact_named_values

LONGEST_KEY_BLOCK = 32_768
"""Characters: beyond this, an END line does not belong to the BEGIN line of a private key."""
REPETITIVE_FROM = 64 * 1024
"""Characters from which on a line that repeats is read once: a runaway loop prints few others."""
MOST_PASSES = 4
"""A secret glued to another one has no beginning of its own until that one is replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """A secret known by its shape; its pattern runs only where the hint (lower case) occurs."""

    kind: str
    hint: str
    pattern: re.Pattern[str]
    folded: bool
    """Whether the pattern is one for the lower-case text: `re` is slow at ignoring case."""


def _token(kind: str, prefix: str, body: str, hint: str = "") -> _Shape:
    """A token that begins with a literal prefix, or with a pattern of fixed length and a hint."""
    literal = prefix if hint else re.escape(prefix)
    # The boundary is checked after the prefix, so that `re` can search for a literal.
    return _Shape(
        kind=kind,
        hint=(hint or prefix).lower(),
        pattern=re.compile(f"(?P<secret>{literal}(?<![A-Za-z0-9]{literal}){body})"),
        folded=False,
    )


def _shape(kind: str, hint: str, before: str, secret: str) -> _Shape:
    """Two patterns for the lower-case text: what stands before the secret, and the secret."""
    pattern = re.compile(f"{before}(?P<secret>{secret})")
    return _Shape(kind=kind, hint=hint, pattern=pattern, folded=True)


# Every pattern is linear: what follows an unbounded run can only fail on too few characters, or
# the run excludes the character that begins the next candidate.
_SHAPES = (
    _shape("password", "://", r"://[^\s/:@\"'<>]*:", r"(?!\d{1,5}[?#])[^\s/\"'`<>]+(?=@)"),
    _shape(
        "authorization",
        "authorization",
        r"authorization\\?[\"']?[ \t]{0,8}[:=][ \t]{0,8}\\?[\"']?"
        r"(?:bearer|basic|token|apikey)(?:[ \t]|%20|\+){1,8}",
        r"(?!\[redacted)[^\s\"'\\,;}&]+",
    ),
    _shape(
        "authorization",
        "authorization",
        r"authorization\\?[\"']?[ \t]{0,8}[:=][ \t]{0,8}\\?[\"']?"
        r"(?:digest|negotiate|ntlm|hawk|signature|aws4-hmac-sha256)[ \t]{1,8}",
        r"(?!\[redacted)[^\n]+",
    ),
    _shape(
        "authorization",
        "authorization",
        r"authorization\\?[\"']?[ \t]{0,8}[:=][ \t]{0,8}\\?[\"']?",
        r"[\w.~+/-]{16,}=*",
    ),
    _shape(
        "authorization",
        "bearer ",
        r"bearer(?<!\wbearer)[ \t]{1,8}",
        r"(?=[^\d\n]{0,60}\d)[\w.~+/-]{16,}=*",
    ),
    _shape(
        "cookie",
        "cookie",
        r"cookie(?<!\wcookie)\\?[\"']?[ \t]{0,8}:[ \t]{0,8}\\?[\"']?",
        r"[\w.%+-]{1,256}=[^\"'\\\n]+",
    ),
    _shape(
        "password",
        "curl ",
        r"curl (?<!\wcurl )[^\n]{0,200}?(?<!\S)(?:-u|--user)[ =]?[\"']?[^\s:\"']{1,64}:",
        r"(?!\[redacted)[^\s\"']+",
    ),
    _shape(
        "password",
        " password ",  # .netrc
        r"login (?<!\wlogin )[^\s]{1,64} password ",
        r"(?!\[redacted)\S+",
    ),
    _shape("password", "sshpass ", r"sshpass -p ?[\"']?", r"(?!\[redacted)[^\s\"']+"),
    _shape("password", "password(", r"set_?password\(\\?[\"']", r"(?!\[redacted)[^\"'\\\n]+"),
    _shape("signature", "sig", r"[?&](?:sig|signature|x-amz-signature)=", r"[\w%+/=-]{16,}"),
    _shape("discord-webhook", "api/webhooks/", r"api/webhooks/\d{10,24}/", r"[\w-]{30,}"),
    _token("jwt", "eyJ", r"[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)+"),
    _token("github-token", "gh[pousr]_", r"[A-Za-z0-9]{20,}", hint="gh"),
    _token("github-token", "github_pat_", r"\w{20,}"),
    _token("gitlab-token", "glpat-", r"[\w-]{16,}"),
    _token("slack-token", "xox[abeoprs]-", r"[A-Za-z0-9-]{10,}", hint="xox"),
    _token("anthropic-key", "sk-ant-", r"[\w-]{12,}"),
    _token("api-key", "sk-", r"(?=[A-Za-z_-]{0,60}\d)[\w-]{16,}"),
    _token("stripe-key", "[sr]k_live_", r"[A-Za-z0-9]{10,}", hint="k_live_"),
    _token("stripe-key", "[sr]k_test_", r"[A-Za-z0-9]{10,}", hint="k_test_"),
    _token("stripe-key", "whsec_", r"[A-Za-z0-9+/=]{10,}"),
    _token("aws-key", "AKIA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _token("aws-key", "ASIA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _token("google-key", "AIza", r"[\w-]{30,}"),
    _token("google-token", "ya29.", r"[\w-]{20,}"),
    _token("npm-token", "npm_", r"[A-Za-z0-9]{30,}"),
    _token("pypi-token", "pypi-", r"(?=[a-z-]{0,60}[A-Z0-9])[\w-]{30,}"),
    _token("huggingface-token", "hf_", r"[A-Za-z0-9]{20,}"),
    _token("sendgrid-key", "SG.", r"[\w-]{16,}\.[\w-]{16,}"),
    _token("digitalocean-token", "dop_v1_", r"[a-f0-9]{40,}"),
    _token("shopify-token", "shp(?:at|ca|pa|ss)_", r"[a-fA-F0-9]{32,}", hint="shp"),
    _token("mailgun-key", "key-", r"[0-9a-f]{32}(?![0-9A-Za-z])"),
    _token("slack-webhook", "hooks.slack.com/services/", r"[\w/]{20,}"),
    _token("vault-token", r"hv[sbr]\.", r"[\w-]{20,}", hint="hv"),
    _token("databricks-token", "dapi", r"[0-9a-f]{32}"),
    _token("grafana-token", "glsa_", r"[A-Za-z0-9_]{20,}"),
    _shape("telegram-token", ":aa", r"\b(?:bot)?", r"\d{8,10}:aa[\w-]{33}(?![\w-])"),
    _token("sentry-token", "sntry[su]_", r"[\w+/=]{20,}", hint="sntry"),
    _token("notion-token", "ntn_", r"[A-Za-z0-9]{30,}"),
    _token("linear-key", "lin_api_", r"[A-Za-z0-9]{20,}"),
    _token("atlassian-token", "ATATT3", r"[\w=-]{30,}"),
    _token("postman-key", "PMAK-", r"[0-9a-f-]{30,}"),
    _token("newrelic-key", "NRAK-", r"[A-Z0-9]{20,}"),
    _token("docker-token", "dckr_pat_", r"[\w-]{20,}"),
)  # fmt: skip
_HINTS = {shape.hint for shape in _SHAPES}

_KEY_MARKER = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# What follows the BEGIN line of a block that was cut off: header lines, then base64. Line breaks
# may be real or the two characters \n of a key inside JSON.
_KEY_MATERIAL = re.compile(
    r"(?:\s?\n?(?:Proc-Type|DEK-Info|Version|Comment): [^\n]*)*+"
    r"(?:(?:\\[nr]|\s)*+[A-Za-z0-9+/]{20,}+={0,2})*+"
    r"(?:(?:\\[nr]|\s)*+[A-Za-z0-9+/]{1,76}(?:={1,2}|\Z))?"
)


_KEY_LINE = re.compile(r"[ \t]*[A-Za-z0-9+/]{16,}={0,2}[ \t]*")


def redact(text: str) -> str:
    """The text with every recognised secret replaced by `[redacted:kind]`, line by line.

    Linear in the length of the text. A replaced block keeps its number of lines.
    """
    if len(text) < REPETITIVE_FROM or "PRIVATE KEY" in text:  # only keys have several lines
        return _redact(text)
    lines = text.split("\n")
    distinct = dict.fromkeys(lines)
    if len(distinct) > len(lines) // 2:
        return _redact(text)
    redacted = _redact("\n".join(distinct)).split("\n")
    of_line = dict(zip(distinct, redacted, strict=True))
    return "\n".join(of_line[line] for line in lines)


def _redact(text: str) -> str:
    redacted = _redact_once(text)
    return text if redacted == text else _redact_changed_lines(redacted)


def _redact_changed_lines(text: str) -> str:
    """The lines in which something was replaced are read again, and only those."""
    lines = text.split("\n")
    changed = [index for index, line in enumerate(lines) if "[redacted:" in line]
    again = "\n".join(lines[index] for index in changed)
    for _ in range(MOST_PASSES - 1):
        before, again = again, _redact_once(again)
        if again == before:
            break
    for index, line in zip(changed, again.split("\n"), strict=True):
        lines[index] = line
    return "\n".join(lines)


def _redact_once(text: str) -> str:
    if "PRIVATE KEY" in text:
        text = _redact_key_blocks(text)
    lowered = text.lower()
    hints = {hint for hint in _HINTS if hint in lowered}
    for shape in _SHAPES:
        if shape.hint in hints:
            text = _replace(shape, text)
    return redact_named_values(text)


def _replace(shape: _Shape, text: str) -> str:
    pieces: list[str] = []
    done = 0
    for found in shape.pattern.finditer(ascii_lower(text) if shape.folded else text):
        pieces += text[done : found.start("secret")], f"[redacted:{shape.kind}]"
        done = found.end("secret")
    return "".join([*pieces, text[done:]]) if pieces else text


def _redact_key_blocks(text: str) -> str:
    pieces: list[str] = []
    done = 0
    markers = list(_KEY_MARKER.finditer(text))
    for marker, following in zip(markers, [*markers[1:], None], strict=False):
        if marker.start() < done:
            continue  # the END line of the block before
        if marker[1] == "BEGIN":
            start, end = marker.start(), _end_of_block(text, marker, following)
        else:  # its BEGIN line was cut off
            start, end = _start_of_material(text, done, marker.start()), marker.end()
        newlines = text.count("\n", start, end)
        pieces += text[done:start], "[redacted:private-key]", "\n" * newlines
        done = end
    return "".join([*pieces, text[done:]])


def _start_of_material(text: str, least: int, end: int) -> int:
    """Where the lines of base64 begin that stand right above the END line of a key."""
    start = text.rfind("\n", least, end) + 1 or least
    if text[start:end].strip():
        return end
    while start > max(least, end - LONGEST_KEY_BLOCK):
        above = text.rfind("\n", least, start - 1) + 1 or least
        if not _KEY_LINE.fullmatch(text, above, start - 1):
            break
        start = above
    return start


def _end_of_block(text: str, begin: re.Match[str], following: re.Match[str] | None) -> int:
    if following and following[1] == "END" and following.end() - begin.end() <= LONGEST_KEY_BLOCK:
        return following.end()
    material = _KEY_MATERIAL.match(text, begin.end())
    return material.end() if material else begin.end()

"""Secrets known by their shape: tokens, and credentials in URLs, headers, SQL and files."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

from genesis_mcp.text.pattern import pattern
from genesis_mcp.text.placeholders import is_placeholder


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A secret known by its shape; its pattern runs only where the hint (lower case) occurs."""

    kind: str
    hint: str
    pattern: re.Pattern[str]
    folded: bool
    """Whether the pattern is one for the lower-case text: `re` is slow at ignoring case."""
    goes_on: re.Pattern[str]
    """What a secret consists of that is longer than what the pattern may see."""
    is_secret: Callable[[str, re.Match[str]], bool]
    """Judges what was found in the text as it is."""
    prefix: str = ""
    """A pattern of how a token begins."""


_TOKEN_RUN = pattern(r"[\w.~+/=%-]++")
_WORD_RUN = pattern(r"[^\s\"'`\\,;<>]++")
_QUOTED_RUN = pattern(r"[^\"'\\\n]++")
_LINE_RUN = pattern(r"[^\n]++")


def _is_given(text: str, found: re.Match[str]) -> bool:
    return not is_placeholder(text, found.start("secret"))


def _token(kind: str, prefix: str, body: str, hint: str = "") -> Shape:
    """A token that begins with a literal prefix, or with a pattern of fixed length and a hint."""
    literal = prefix if hint else re.escape(prefix)
    # The boundary is checked after the prefix, so that `re` can search for a literal. No token
    # begins within a run of its own characters: each run is read once. It may follow an escaped
    # line break, as in JSON.
    boundary = rf"(?:(?<![\w-]{literal})|(?<=\\[nrt]{literal}))"
    return Shape(
        kind=kind,
        hint=(hint or prefix).lower(),
        pattern=pattern(f"(?P<secret>{literal}{boundary}{body})"),
        folded=False,
        goes_on=_TOKEN_RUN,
        is_secret=lambda _text, _found: True,
        prefix=literal,
    )


def _shape(
    kind: str,
    hint: str,
    before: str,
    secret: str,
    *,
    goes_on: re.Pattern[str] = _WORD_RUN,
    is_secret: Callable[[str, re.Match[str]], bool] = _is_given,
) -> Shape:
    """Two patterns for the lower-case text: what stands before the secret, and the secret."""
    return Shape(
        kind=kind,
        hint=hint,
        pattern=pattern(rf"{before}(?!\[redacted:)(?P<secret>{secret})"),
        folded=True,
        goes_on=goes_on,
        is_secret=is_secret,
    )


_SQL_STATEMENT = pattern(r"\b(?:create|alter|set|grant)[ \t]", re.IGNORECASE)


def _is_sql(text: str, found: re.Match[str]) -> bool:
    """`... PASSWORD 'x'` in a statement, not in a sentence about a password."""
    start = found.start()
    line = text[max(text.rfind("\n", 0, start) + 1, start - 256) : start]
    is_keyword = text.startswith("PASSWORD", start)
    return _is_given(text, found) and (is_keyword or _SQL_STATEMENT.search(line) is not None)


def _is_user_and_password(text: str, found: re.Match[str]) -> bool:
    """Base64 of `user:password`, as `auth` in files of docker and npm; it may have been cut."""
    value = text[slice(*found.span("secret"))].rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(value[: len(value) // 4 * 4], validate=True)
    except ValueError:  # binascii's, or a letter that is not ASCII
        return False
    return b":" in decoded[:64] and decoded.isascii() and decoded.decode().isprintable()


_PASSWORD_FILE_HOST = pattern(r"[A-Za-z][\w.-]*|\*|\d{1,3}(?:\.\d{1,3}){3}")
_PLAIN_WORD = pattern(r"[a-z_-]*+")


def _is_line_of_pgpass(text: str, found: re.Match[str]) -> bool:
    """`host:port:database:user:password`, and no compiler's `file:line:...`."""
    before = text[max(0, found.start() - 256) : found.start()].split("\n")[-1]
    host = before.rstrip()[-1:] and before.split(" ")[-1].lstrip("\"'=")
    if not host or not _PASSWORD_FILE_HOST.fullmatch(host) or not _is_given(text, found):
        return False
    secret = text[found.start("secret") : found.end("secret")]
    return "*:" in found[0] or host == "*" or not _PLAIN_WORD.fullmatch(secret)


_AUTHORIZATION = r"authorization\\?[\"']?[ \t]{0,8}[:=][ \t]{0,8}\\?[\"']?"
_SPACE = r"[ \t]{1,8}"

# Every pattern is linear: what follows an unbounded run can only fail on too few characters, or
# the run excludes the character that begins the next candidate.
SHAPES = (
    _shape(
        "password",
        "://",
        r"://[^\s/:@\"'<>]{0,256}:",
        r"(?!\d{1,5}[?#])[^\s/\"'`<>]+(?=@)",
    ),
    _shape(
        "authorization",
        "authorization",
        rf"{_AUTHORIZATION}(?:bearer|basic|token|apikey)(?:[ \t]|%20|\+){{1,8}}",
        r"[^\s\"'\\,;}&]+",
    ),
    _shape(
        "authorization",
        "authorization",
        rf"{_AUTHORIZATION}(?:digest|negotiate|ntlm|hawk|signature|aws4-hmac-sha256){_SPACE}",
        r"[^\n]+",
        goes_on=_LINE_RUN,
    ),
    _shape("authorization", "authorization", _AUTHORIZATION, r"[\w.~+/-]{16,}=*"),
    _shape(
        "authorization",
        "bearer ",
        rf"bearer(?<!\wbearer){_SPACE}",
        r"(?=[^\d\s]{0,60}\d)[\w.~+/-]{16,}=*",
    ),
    _shape(
        "cookie",
        "cookie",
        r"cookie(?<!\wcookie)\\?[\"']?[ \t]{0,8}:[ \t]{0,8}\\?[\"']?",
        r"[\w.%+-]{1,256}=(?![\"'$<{])[^\"'\\\n]+",
        goes_on=_QUOTED_RUN,
    ),
    _shape(
        "password",
        " password ",  # .netrc
        r"login (?<!\wlogin )[^\s]{1,64} password ",
        r"\S+",
    ),
    _shape(
        "password",
        "password(",
        r"set_?password\(\\?[\"']",
        r"[^\"'\\\n]+",
        goes_on=_QUOTED_RUN,
    ),
    _shape(
        "password",
        "identified",
        r"identified(?<!is identified)(?<!are identified)(?<!was identified)(?<!were identified)"
        r"(?<!be identified)(?<!been identified)"
        rf"(?:{_SPACE}with{_SPACE}[\"'`]?[\w.]{{1,64}}[\"'`]?)?"
        rf"{_SPACE}(?:by|as){_SPACE}(?:password{_SPACE})?\\?[\"']",
        r"[^\"'\\\n]+",
        goes_on=_QUOTED_RUN,
    ),
    _shape(
        "password",
        "identified",
        rf"user{_SPACE}[^\s]{{1,80}}{_SPACE}identified{_SPACE}by{_SPACE}",
        r"[^\s\"'`;,()]+",
    ),
    _shape(
        "password",
        "password",
        r"password[ \t]{0,8}(?:=[ \t]{0,8})?\(?n?\\?'",
        r"[^'\\\n]+",
        goes_on=_QUOTED_RUN,
        is_secret=_is_sql,
    ),
    _shape(
        "password",
        ":",  # .pgpass
        r":(?:\d{4,5}|\*):(?:[a-z_][\w.$-]{0,62}|\*):[a-z_*][\w.@+-]{0,63}:",
        r"(?:[^\s\"'\\:]|\\.){6,256}(?=[\s\"']|$)",
        is_secret=_is_line_of_pgpass,
    ),
    _shape(
        "auth",
        "auth",
        r"(?<![a-z0-9])auth\\?[\"']?(?:[ \t]{0,8}[:=]|[ \t])[ \t]{0,8}\\?[\"']?",
        r"[\w+/-]{8,}={0,2}",
        is_secret=_is_user_and_password,
    ),
    _shape(
        "password",
        "auth",
        r"auth\w{0,12}=?\(\\?[\"'][^\"'\\\n]{0,64}\\?[\"'],[ ]{0,4}\\?[\"']",
        r"[^\"'\\\n]+",
        goes_on=_QUOTED_RUN,
    ),
    _shape("password", "pass:", r"-pass(?:in|out)?[ =]{1,2}[\"']?pass:", r"[^\s\"']+"),
    _shape(
        "password",
        "htpasswd",
        r"htpasswd (?:-\w{1,8} ){0,3}-\w{0,6}b\w{0,6} (?:-\w{1,8} ){0,3}"
        r"(?:[^\s]{1,200} )?[^\s]{1,100} ",
        r"[^\s|;&]+",
    ),
    _shape(
        "password",
        "chpasswd",
        r"echo (?:-\w )?[\"']?[\w.-]{1,64}:",
        r"[^\s\"'|]{1,256}(?=[\"']?[ ]{0,4}\|[ ]{0,4}(?:sudo )?chpasswd)",
    ),
    _shape(
        "password",
        " -a ",  # httpie
        r"(?<![\w./:-])https? (?:-{1,2}[\w-]{1,20}(?:=[^\s]{1,40})? ){0,5}"
        r"-a [\"']?[^\s:\"']{1,64}:",
        r"[^\s\"']+",
    ),
    *(
        _shape(kind, f"{name}>", rf"<[\w.:-]{{0,40}}{name}>", rf"{least}[^<>\s]+(?=</)")
        for kind, name, least in (
            ("password", "password", ""),
            ("password", "passphrase", ""),
            ("password", "senha", ""),
            ("secret", "secret", ""),
            ("token", "token", r"(?=[^<>\s\d]{0,60}\d)"),
            ("key", "key", r"(?=[^<>\s\d]{0,60}\d)(?=[^<>\s]{16})"),
        )
    ),
    _shape("signature", "sig", r"[?&](?:sig|signature|x-amz-signature)=", r"[\w%+/=-]{16,}"),
    _shape("discord-webhook", "api/webhooks/", r"api/webhooks/\d{10,24}/", r"[\w-]{30,}"),
    _shape("telegram-token", ":aa", r"\b(?:bot)?", r"\d{8,10}:aa[\w-]{33}(?![\w-])"),
)  # fmt: skip

TOKENS = (
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
    _token("google-token", "1//0", r"[\w-]{20,}"),
    _token("google-token", "1%2F%2F0", r"[\w-]{20,}"),
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
    _token("sentry-token", "sntry[su]_", r"[\w+/=]{20,}", hint="sntry"),
    _token("notion-token", "ntn_", r"[A-Za-z0-9]{30,}"),
    _token("linear-key", "lin_api_", r"[A-Za-z0-9]{20,}"),
    _token("atlassian-token", "ATATT3", r"[\w=-]{30,}"),
    _token("postman-key", "PMAK-", r"[0-9a-f-]{30,}"),
    _token("newrelic-key", "NRAK-", r"[A-Z0-9]{20,}"),
    _token("genesis-token", "gmcp_", r"[0-9a-f]{64}"),
    _token("docker-token", "dckr_pat_", r"[\w-]{20,}"),
)  # fmt: skip

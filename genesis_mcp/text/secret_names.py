"""Finds values whose name says that they are secret, as in `DB_PASSWORD=...`; a part of `redact`.

The hard half is what must stay: code that passes a secret on, type annotations, counts of tokens,
a parser's complaint about a token. Each rule for that is one small test in `_is_secret`.
"""

import re
from functools import lru_cache

JUDGED_CHARACTERS = 256
"""So much of a value decides whether it is secret; a value that is gets redacted in full."""

LONGEST_FLAG = 64
"""Characters before a secret's name in which its flag may begin."""

_USES_OF_KEYS = ("api", "access", "private", "signing", "encryption", "account", "master", "auth")
# Searched in the lower-case text: `re` skips ahead to first letters only when case matters.
# Keys of the last kind have many harmless namesakes (CACHE_KEY, "chave: valor"): only a
# random-looking value makes them secret.
_KINDS = (
    (
        "password",
        r"pass(?:word|wd|phrase)|pwd|senha|_pass(?![a-z])",
    ),
    ("credential", r"credentials?"),
    ("secret", r"(?:secret|segredo)(?:[_-]?key)?"),
    (
        "key",
        "|".join(
            (
                *(f"{use}[_-]?key" for use in _USES_OF_KEYS),
                "chave[_ -](?:de[_ -])?(?:api|secreta|privada|acesso)",
            )
        ),
    ),
    ("token", r"tokens?"),
    ("named_key", r"chave|_key"),
)
_KIND_PATTERNS = tuple((kind, re.compile(words)) for kind, words in _KINDS)
_WORD = re.compile("|".join(words for _, words in _KINDS))
_STEMS = ("key", "token", "pass", "secret", "pwd", "senha", "credential", "segredo", "chave")
"""What every name holds: where none of them is, there is nothing to search."""
_AFTER_WORD = re.compile(
    r"(?:[_-]?(?:\d{1,2}|prod|dev|test|staging|live|value|base|db|app|api|admin|root|user|mongo"
    r"|redis|postgres|mysql|banco|cliente|usuario|admin|servico|producao|atual))?(?:\\?[\"'])?"
    r"(?:[ ](?:do|da|de|of|for)[ ]\w{1,20}(?=[ \t]{0,8}[:=]))?"  # senha do banco: ...
    r"(?:(?P<space>[ \t]{0,8})(?P<separator>=>|:=|=(?!=)|:(?![:/]))[ \t]{0,8}|(?P<gap>[ ])(?=\S))",
    re.IGNORECASE,
)

_OPENING_QUOTE = re.compile(r"\\?[\"']|`")
_INSIDE_QUOTES = {
    '\\"': re.compile(r"[^\"\\\n]++"),
    "\\'": re.compile(r"[^'\\\n]++"),
    '"': re.compile(r"(?:[^\"\\\n]|\\.)++"),
    "'": re.compile(r"(?:[^'\\\n]|\\.)++"),
    "`": re.compile(r"(?:[^`\\\n]|\\.)++"),
}
_BARE = re.compile(r"[^\s\"'`,;&|<>()\[\]{}\\]++")
_REST_OF_WORD = re.compile(r"[^\s\"'`(\[{<]\S*+")

_ENVIRONMENT_LINE = re.compile(r"\n[ \t]*(?:export |set |ENV )?[A-Za-z0-9_.]*$")
_FLAG = re.compile(r"(?<!\S)--[\w-]*$")
_PARSER_COMPLAINT = re.compile(
    r"\b(?:unexpected|illegal|expected|unrecogni[sz]ed)[ \w]*$", re.IGNORECASE
)

_HARMLESS = re.compile(
    r"\[redacted:.*|\*+|x{3,}|\.{2,}|-+|https?://.*"
    r"|none|null|nil|undefined|true|false|yes|no|on|off|include|omit|same-origin"
    r"|string|str|int|integer|bool|boolean|bytes|any|object|number|secretstr|optional|unknown|void"
    r"|missing|required|invalid|incorrect|wrong|expired|rejected|denied|mismatch|empty|failed"
    r"|inv[aá]lid[oa]|incorret[oa]|obrigat[oó]ri[oa]|expirad[oa]|ausente|vazi[oa]"
    r"|your[_-]\w*|change[_-]?me|example|placeholder|redacted|masked|hidden",
    re.IGNORECASE,
)
_PATH = re.compile(
    r"(?:~|\.{1,2}|[A-Za-z]:"
    r"|/(?:Users|app|data|dev|etc|home|mnt|opt|private|proc|root|run|srv|tmp|usr|var|work))[/\\]"
)
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_TEMPLATE = re.compile(r"\$[{(]|\$[A-Z_][A-Z0-9_]*$|%[sdr({]|[{<]")
_CALL = re.compile(r"[A-Za-z_$][\w$]*(?:\.[\w$]+)*[(\[]")
_LOOKED_UP = re.compile(
    r"(?:args|body|cfg|conf|config|context|ctx|data|env|environ|import\.meta|options|opts|os|params"
    r"|process|props|req|request|secrets|self|settings|state|sys|this|user)[.\[]"
)


def redact_named_values(text: str) -> str:
    """The text with the values of secret names replaced by `[redacted:kind]`; linear."""
    pieces: list[str] = []
    done = 0
    lowered = _ascii_lower(text)
    if not any(stem in lowered for stem in _STEMS):
        return text
    for word in _WORD.finditer(lowered):
        after = _AFTER_WORD.match(text, word.end()) if word.start() >= done else None
        if after and (after["separator"] or _may_be_flag(text, word.start())):
            value = _Value(text, word, after)
            if value.is_secret():
                kind = value.kind.removeprefix("named_")
                pieces += text[done : value.start], f"[redacted:{kind}]"
                done = value.end()
    return "".join([*pieces, text[done:]]) if pieces else text


def _may_be_flag(text: str, start: int) -> bool:
    """Whether the name may be `--a-password`; prose has many such words and few of these."""
    return "--" in text[max(0, start - LONGEST_FLAG) : start]


@lru_cache(maxsize=256)
def _kind(word: str) -> str:
    return next(kind for kind, pattern in _KIND_PATTERNS if pattern.fullmatch(word))


def _ascii_lower(text: str) -> str:
    """Lower case with every character in its place: "İ".lower() is two characters long."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return re.sub("[A-Z]+", lambda upper: upper[0].lower(), text)


class _Value:
    """What follows a secret-sounding name, and the reasons to redact it or to leave it."""

    def __init__(self, text: str, word: re.Match[str], after: re.Match[str]) -> None:
        self._text = text
        self._word = text[word.start() : word.end()]
        self.kind = _kind(word[0])
        self._after = after
        self._word_start = word.start()
        quote = _OPENING_QUOTE.match(text, after.end())
        self._quoted = quote is not None
        self.start = quote.end() if quote else after.end()
        if quote:
            self._pattern = _INSIDE_QUOTES[quote[0]]
        else:
            self._pattern = _REST_OF_WORD if self._is_environment() else _BARE
        judged = self._pattern.match(text, self.start, self.start + JUDGED_CHARACTERS)
        self._value = judged[0] if judged else ""

    @property
    def _before(self) -> str:
        start = self._word_start
        return "\n" + self._text[:start] if start < 63 else self._text[start - 64 : start]

    def _is_environment(self) -> bool:
        """`NAME=value` at the beginning of a line: the value goes on to the next space."""
        if self._after["separator"] != "=" or self._after["space"]:
            return False
        return bool(_ENVIRONMENT_LINE.search(self._before))

    def end(self) -> int:
        match = self._pattern.match(self._text, self.start)
        return match.end() if match else self.start

    def is_secret(self) -> bool:
        value = self._value
        if not value or (self.kind == "token" and value.isdigit()):
            return False
        if _HARMLESS.fullmatch(value.rstrip(".,;!")):
            return False
        if _PATH.match(value) or _TEMPLATE.match(value) or self._is_code():
            return False
        if self._after["gap"]:
            return (
                bool(_FLAG.search(self._before))
                and not value.startswith("-")
                and (not value.isupper() or _looks_random(value))
            )
        if self.kind == "token" and _PARSER_COMPLAINT.search(self._before):
            return False
        return self._is_worth_hiding()

    def _is_code(self) -> bool:
        """A name passed on, a call or a look-up instead of a value: `password=get_password()`."""
        if self._quoted:
            return False
        rest = self._text[self.start : self.start + JUDGED_CHARACTERS]
        if _CALL.match(rest) or _LOOKED_UP.match(rest):
            return True
        word, value = self._word.lower(), self._value.lower()
        return not self._word.isupper() and (value == word or value.endswith("_" + word))

    def _is_worth_hiding(self) -> bool:
        value = self._value
        if self._word.lower() == "_pass":  # DB_PASS, and many a first_pass
            return _looks_random(value)
        if value.isdigit():  # tokens=512 is a count, password=123456 is a password
            return self.kind == "password" or len(value) >= 6
        if self.kind == "named_key":
            return self._word != "_key" and _looks_random(value)
        is_assignment = self._after["separator"] != ":" and not self._after["space"]
        if self._quoted or is_assignment:
            return self.kind not in ("key", "token") or is_assignment or len(value) >= 6
        if self.kind in ("key", "token"):
            return _looks_random(value)
        return _looks_random(value) or self._ends_the_line()

    def _ends_the_line(self) -> bool:
        """Prose goes on after one word ("password: must not be empty"), a setting does not."""
        if len(self._value) >= JUDGED_CHARACTERS:
            return True  # no word of prose; and looking for its end at every name costs too much
        end = self.start + len(self._value)
        rest = self._text[end : end + 2].lstrip(" \t")
        return not rest or rest[0] in "\n,;)}]\"'"


def _looks_random(value: str) -> bool:
    return len(value) >= 8 and bool(_DIGIT.search(value)) and bool(_LETTER.search(value))

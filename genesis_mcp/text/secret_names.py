"""Finds values whose name says that they are secret, as in `DB_PASSWORD=...`; a part of `redact`.

The hard half is what must stay: code that passes a secret on, type annotations, counts of tokens,
a parser's complaint about a token. Each rule for that is one small test in `_is_secret`.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from genesis_mcp.text.pattern import pattern
from genesis_mcp.text.placeholders import is_placeholder
from genesis_mcp.text.windows import Span, end_of_run, matches

JUDGED_CHARACTERS = 256
"""So much of a value decides whether it is secret; a value that is gets redacted in full."""

_USES_OF_KEYS = (
    "api", "access", "private", "signing", "encryption", "account", "master", "auth", "hmac",
    "session",
)  # fmt: skip
# All of this is searched in the lower-case text: `re` skips ahead only when case matters.
# Each alternative begins with a literal character, for which `re` looks quickly.
# Keys of the last kind have many harmless namesakes (CACHE_KEY, "chave: valor"): only a
# random-looking value makes them secret.
_KINDS = (
    (
        "password",
        r"pass(?:word|wd|phrase)|pwd|senha|_pass(?![a-z])",
    ),
    ("credential", r"credentials?"),
    ("secret", r"secret(?:[_-]?key)?|segredo(?:[_-]?key)?"),
    (
        "key",
        "|".join(
            (
                *(f"{use}[_-]?key" for use in _USES_OF_KEYS),
                "chave[_ -](?:de[_ -])?(?:api|secreta|privada|acesso)",
            )
        ),
    ),
    ("token", r"tokens?(?P<token>)"),
    ("named_key", r"chave(?P<chave>)|_key(?P<key>)"),
)
_KIND_PATTERNS = tuple((kind, pattern(words)) for kind, words in _KINDS)
STEMS = ("key", "token", "pass", "secret", "pwd", "senha", "credential", "segredo", "chave")
"""What every name holds: where none of them is, there is nothing to search."""
_BEGINNINGS = (
    "password", "passwd", "passphrase", "_pass", "pwd", "senha", "credential", "secret", "segredo",
    "token", "_key", "chave",
)  # fmt: skip
_HARMLESS_WORDS = (
    r"none|null|nil|undefined|true|false|yes|no|on|off|include|omit|same-origin"
    r"|string|str|int|integer|bool|boolean|bytes|any|object|number|secretstr|optional|unknown|void"
    r"|missing|required|invalid|incorrect|wrong|expired|rejected|denied|mismatch|empty|failed"
    r"|inv[aá]lid[oa]|incorret[oa]|obrigat[oó]ri[oa]|expirad[oa]|ausente|vazi[oa]"
    r"|your[_-]\w*|change[_-]?me|example|placeholder|redacted|masked|hidden"
)
_NAME = "|".join(words for _, words in _KINDS)
_QUALIFIER = (  # DB_PASSWORD_PROD, senha_do_banco
    r"(?:(?=[\w-])[_-]?(?:d[aeo][_-])?(?:\d{1,2}|prod|dev|test|staging|live|value|base|db|app|api|admin|root"
    r"|user|mongo|redis|postgres|mysql|sql|smtp|mail|email|ldap|ftp|ssh|wifi|banco|cliente|usuario"
    r"|servico|servidor|sistema|producao|atual))?+"
)
_NAMED = pattern(
    rf"(?P<word>{_NAME}){_QUALIFIER}(?=[\"'\\ \t:=])(?P<closing>\\?[\"'])?+"
    r"(?:[ ](?:do|da|de|of|for)[ ]\w{1,20}(?=[ \t]{0,8}[:=]))?"  # senha do banco: ...
    r"(?:(?P<space>[ \t]{0,8}+)(?P<separator>=>|:=|=(?!=)|:(?![:/]))[ \t]{0,8}"
    r"|(?P<says>[ ](?:is|was|é|era)[ ])(?=[\"'`]))"
    # Most values are dismissed here already, because one search is faster than many small ones:
    # nothing, a harmless word, a template, a call or a look-up, a count, a key without a digit.
    r"(?(token)(?!\d+(?:[\s,;)}\]]|$)))"
    r"(?(chave)(?=[^ \t\n0-9]{0,48}+[0-9]))(?(key)(?=[^ \t\n0-9]{0,48}+[0-9]))"
    r"(?=[^\s,;&|<>()\[\]{}])(?!\$[{(]|%[sdr({])(?!\\?[\"'`]?\[redacted:)"
    rf"(?!(?:{_HARMLESS_WORDS})(?:\s|$|[,;)](?:\s|$)))"
    r"(?![a-z_$][\w$]{0,64}+(?:\.[\w$]{1,64}+){0,8}+[(\[])"
)
_FLAG = pattern(
    r"--(?<![^\s\"']--)(?P<flag>[\w-]{1,80}+)(?: |\\?[\"'],[ \t]{0,8}(?=\\?[\"']))(?=[^\s-])"
)
"""`--a-password hunter2`, also in a list: `["--a-password", "hunter2"]`."""
_FLAG_NAME = pattern(rf"(?P<word>{_NAME}){_QUALIFIER}$")

_OPENING_QUOTE = pattern(r"\\?[\"']|`")
_INSIDE_QUOTES = {
    '\\"': pattern(r"[^\"\\\n]++"),
    "\\'": pattern(r"[^'\\\n]++"),
    '"': pattern(r"(?:[^\"\\\n]|\\.)++"),
    "'": pattern(r"(?:[^'\\\n]|\\.)++"),
    "`": pattern(r"(?:[^`\\\n]|\\.)++"),
}
_BARE = pattern(r"[^\s\"'`,;&|<>()\[\]{}\\]++")
_REST_OF_WORD = pattern(r"[^\s\"'`(\[{<]\S*+")

_ENVIRONMENT_LINE = pattern(r"\n[ \t]*(?:export |set |ENV )?[A-Za-z0-9_.]*\Z")
_PARSER_COMPLAINT = pattern(
    r"\b(?:unexpected|illegal|expected|unrecogni[sz]ed)[ \w]*\Z", re.IGNORECASE
)

_HARMLESS = pattern(
    rf"\[redacted:.*|\*+|x{{3,}}|\.{{2,}}|-+|https?://.*|{_HARMLESS_WORDS}", re.IGNORECASE
)
_PROMPT = pattern(r"([\"'`])(?:[A-Za-z][\w .-]*)?\Z")
"""A string opened before the name: the quote after it is its end, as in `input('password: ')`."""
_PATH = pattern(
    r"(?:~|\.{1,2}|[A-Za-z]:"
    r"|/(?:Users|app|data|dev|etc|home|mnt|opt|private|proc|root|run|srv|tmp|usr|var|work))[/\\]"
)
_DIGIT = pattern(r"\d")
_LETTER = pattern(r"[^\W\d_]")
_SAYS_SO = pattern(r"(?:\n|[\w)]: )(?:/(?:usr/)?bin/)?(?:ch|gp)?\Z")
_CALL = pattern(r"[A-Za-z_$][\w$]*(?:\.[\w$]+)*[(\[]")
_LOOKED_UP = pattern(
    r"(?:args|body|cfg|conf|config|context|ctx|data|env|environ|import\.meta|options|opts|os|params"
    r"|process|props|req|request|secrets|self|settings|state|sys|this|user)[.\[]"
)


def find_flag_values(text: str, judge: Callable[[], None]) -> Iterator[Span]:
    """The secret values behind long options; `judge` is called before each that is looked at."""
    if "--" not in text:
        return
    for flag in matches(_FLAG, ascii_lower(text)):
        if word := _secret_word(flag["flag"]):
            judge()
            start = flag.start("flag") + word[0]
            yield from _secret(_Value(text, start, start + len(word[1]), word[1], flag.end()))


def count_names(lowered: str) -> int:
    """About how many names a text in lower case holds that `find_named_values` looks at."""
    return sum(map(lowered.count, _BEGINNINGS))


@lru_cache(maxsize=256)
def _secret_word(flag: str) -> tuple[int, str] | None:
    name = _FLAG_NAME.search(flag)
    return (name.start("word"), name["word"]) if name else None


def find_named_values(text: str, judge: Callable[[], None]) -> Iterator[Span]:
    """The values whose name says that they are secret; `judge` as above."""
    done = 0
    for name in matches(_NAMED, ascii_lower(text)):
        if name.start() >= done:
            judge()
            value = _Value(text, *name.span("word"), name["word"], name.end(), name)
            for span in _secret(value):
                done = span[1]
                yield span


def _secret(value: "_Value") -> Iterator[Span]:
    if value.is_secret():
        yield value.start, value.end(), value.kind.removeprefix("named_")


@lru_cache(maxsize=256)
def _kind(word: str) -> str:
    return next(kind for kind, pattern in _KIND_PATTERNS if pattern.fullmatch(word))


def ascii_lower(text: str) -> str:
    """Lower case with every character in its place: "İ".lower() is two characters long."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return re.sub("[A-Z]+", lambda upper: upper[0].lower(), text)


class _Value:
    """What follows a secret-sounding name, and the reasons to redact it or to leave it."""

    def __init__(
        self,
        text: str,
        start: int,
        end: int,
        word: str,
        begin: int,
        name: re.Match[str] | None = None,
    ) -> None:
        self._text = text
        self._word_start = start
        self._word = text[start:end]
        self.kind = _kind(word)
        self._is_flag = name is None
        self._separator = self._space = self._says = closing = None
        if name is not None:
            self._separator, self._space, self._says, closing = name.group(
                "separator", "space", "says", "closing"
            )
        quote = _OPENING_QUOTE.match(text, begin, begin + 2)
        self._quoted = quote is not None
        self.start = quote.end() if quote else begin
        if quote:
            self._pattern = _INSIDE_QUOTES[quote[0]]
        else:
            self._pattern = _REST_OF_WORD if self._is_environment() else _BARE
        judged = self._pattern.match(text, self.start, self.start + JUDGED_CHARACTERS)
        self._value = judged[0] if judged else ""
        if quote and not closing and self._is_prompt(quote[0]):
            self._value = ""

    def _is_prompt(self, quote: str) -> bool:
        opened = _PROMPT.search(self._before)
        return opened is not None and opened[1] == quote

    @property
    def _before(self) -> str:
        start = self._word_start
        return "\n" + self._text[:start] if start < 63 else self._text[start - 64 : start]

    def _is_environment(self) -> bool:
        """`NAME=value` at the beginning of a line: the value goes on to the next space."""
        if self._separator != "=" or self._space:
            return False
        return bool(_ENVIRONMENT_LINE.search(self._before))

    def end(self) -> int:
        return end_of_run(self._pattern, self._text, self.start)

    def is_secret(self) -> bool:
        value = self._value
        if not value or (self.kind == "token" and value.isdigit()):
            return False
        if self._is_flag:
            is_worth_hiding = not value.isupper() or _looks_random(value)
        elif self._says:
            is_worth_hiding = self.kind == "password"
        else:
            is_worth_hiding = self._is_worth_hiding()
        return is_worth_hiding and not self._is_harmless()

    def _is_harmless(self) -> bool:
        if _HARMLESS.fullmatch(self._value.rstrip(".,;!")):
            return True
        if is_placeholder(self._text, self.start) or _PATH.match(self._value) or self._is_code():
            return True
        is_said = self._says is not None or self._is_flag
        if self.kind == "token" and not is_said and _PARSER_COMPLAINT.search(self._before):
            return True
        return self._is_program()

    def _is_code(self) -> bool:
        """A name passed on, a call or a look-up instead of a value: `password=get_password()`."""
        if self._quoted:
            return False
        rest = self._text[self.start : self.start + JUDGED_CHARACTERS]
        if _CALL.match(rest) or _LOOKED_UP.match(rest):
            return True
        word, value = self._word.lower(), self._value.lower()
        return not self._word.isupper() and (value == word or value.endswith("_" + word))

    def _is_program(self) -> bool:
        """`zsh: pwd: bad option`: what a program of that name says, not what its field holds."""
        if self._word not in ("pwd", "passwd") or self._separator != ":" or self._quoted:
            return False
        if _DIGIT.search(self._value) or (self._ends_the_line() and "/" not in self._value):
            return False  # a program says more than one word, or a path
        return bool(_SAYS_SO.search(self._before))

    def _is_worth_hiding(self) -> bool:
        value = self._value
        if self._word.lower() == "_pass":  # DB_PASS, and many a first_pass
            return _looks_random(value)
        if value.isdigit():  # tokens=512 is a count, password=123456 is a password
            return self.kind == "password" or len(value) >= 6
        if self.kind == "named_key":
            return self._word != "_key" and _looks_random(value)
        is_assignment = self._separator != ":" and not self._space
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
        rest = self._text[end : end + 2]
        if rest[:1] in ("'", '"'):
            return not rest[1:].isalpha()  # no apostrophe, as in "couldn't"
        rest = rest.lstrip(" \t")
        return not rest or rest[0] in "\n,;)}]"


def _looks_random(value: str) -> bool:
    return len(value) >= 8 and bool(_DIGIT.search(value)) and bool(_LETTER.search(value))

"""Makes text that is nearly XML into XML, piece by piece: runners write what XML forbids.

Colours, cut characters and `&nbsp;` stand in messages of failures, raw or as references, and a
parser gives up at the first one. Control characters go through it as characters of a private
plane, and come out as they were; what no text can hold becomes U+FFFD; an `&` that begins no
reference is one.
"""

import codecs
import re

_PLANE = 0x10_FF00
"""Where control characters are while the text is XML: a private use that nobody writes."""
_CONTROLS = [code for code in (*range(1, 32), 127) if chr(code) not in "\t\n\r"]
_HIDDEN = {code: chr(_PLANE + code) for code in _CONTROLS}
_SHOWN = {_PLANE + code: chr(code) for code in _CONTROLS}
_HIDE = _HIDDEN | dict.fromkeys((0, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)), "\ufffd")

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(
    r"&(?:(?P<known>amp|lt|gt|quot|apos);|\#(?P<number>\d{1,8}|x[0-9A-Fa-f]{1,8});)?"
)
_WORDED_ESC = re.compile(r"(?:\#x1B|\ufffd)(?=\[[0-9;]{0,16}m)")
"""What pytest and Go make of an ESC."""

_ENCODING = re.compile(rb"<\?xml[^>]{0,100}?encoding=[\"']([A-Za-z][\w.-]{0,30})")
_SINGLE_BYTE_OR_ASIAN = re.compile(
    r"(?:utf-8|utf-16\w*|utf-32\w*|iso8859-\d+|cp\d+|ascii|koi8-\w|gb\w+|big5\w*|shift_jis\w*|euc_\w+)"
)
_HEAD_BYTES = 256
"""Bytes that tell the encoding."""
_BEGIN_LITERAL, _END_LITERAL = "<![CDATA[", "]]>"
_LONGEST_UNFINISHED = 12
"""Characters at the end of a piece that may be half of a reference or of a mark."""


class XmlText:
    """Bytes of a report in pieces, as text that a parser takes."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None
        self._head = b""
        self._rest = ""
        self._is_literal = False

    def take(self, data: bytes, *, final: bool = False) -> str:
        """The next piece; a little of it may come with the next one."""
        data = self._head + data
        if self._decoder is None and len(data) < _HEAD_BYTES and not final:
            self._head = data
            return ""
        self._head = b""
        if self._decoder is None:
            self._decoder = codecs.getincrementaldecoder(_encoding(data))("replace")
        text = self._rest + self._decoder.decode(data, final)
        cut = len(text) if final else _finished(text)
        text, self._rest = text[:cut], text[cut:]
        if _FORBIDDEN.search(text):
            text = text.translate(_HIDE)
        return self._with_references(text) if "&" in text or "[" in text else text

    def _with_references(self, text: str) -> str:
        pieces: list[str] = []
        while text:
            mark = _END_LITERAL if self._is_literal else _BEGIN_LITERAL
            part, found, text = text.partition(mark)
            pieces += part if self._is_literal else _AMPERSAND.sub(_reference, part), found
            if found:
                self._is_literal = not self._is_literal
        return "".join(pieces)


def shown(text: str) -> str:
    """The text as the report has it."""
    if text.isascii() and "#x1B" not in text:
        return text
    return _WORDED_ESC.sub("\x1b", text.translate(_SHOWN))


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    declared = _ENCODING.match(data.removeprefix(codecs.BOM_UTF8))
    try:
        name = codecs.lookup(declared[1].decode()).name if declared else "utf-8"
    except LookupError:
        name = "utf-8"
    if name == "utf-8" or name.startswith("utf") or not _SINGLE_BYTE_OR_ASIAN.fullmatch(name):
        return "utf-8-sig"  # what is declared in bytes of ASCII is not in UTF-16
    return name


def _finished(text: str) -> int:
    """How much of it certainly ends in no half of a reference or of a mark."""
    start = max(0, len(text) - _LONGEST_UNFINISHED)
    places = [place for sign in "&<]" if (place := text.find(sign, start)) >= 0]
    return min(places, default=len(text))


def _reference(found: re.Match[str]) -> str:
    if found["known"]:
        return found[0]
    number = found["number"]
    if not number:
        return "&amp;"
    code = int(number[1:], 16) if number[0] == "x" else int(number)
    if code in _HIDE:
        return str(_HIDE[code])
    return found[0] if code <= 0x10_FFFF else "\ufffd"

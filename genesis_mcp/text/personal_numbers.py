"""Brazilian numbers of persons and companies, CPF and CNPJ, known by their check digits.

Hidden only where somebody asked for it. They may stand with their marks or as digits alone. As many
digits with check digits that fit by chance, one number in a hundred, are a time, a telephone or an
order: those that say so stay.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from genesis_mcp.text.pattern import pattern
from genesis_mcp.text.windows import matches

Kind = Literal["cpf", "cnpj"]

# No letter, digit or fraction beside it; what a column of floats makes of it (`.0`) is none.
_BEFORE, _AFTER = r"(?<![0-9A-Za-z+])(?<!\d\.)", r"(?![0-9A-Za-z])(?!\.(?!0(?![0-9]))\d)"
_SLASH = r"(?:/|\\/|%2[Ff])"
_DASH = "[-\u2010\u2011\u2013]"

_OTHER_NUMBER = pattern(
    r"(?:tel|fone|phone|celular|cel|mobile|whatsapp|whats|zap|fax|pedido|order|protocol|protocolo"
    r"|ticket|timestamp|epoch)(?:[_ -]?(?:id|no|num|number|numero|n[º°.]))?"
    r"[\"']?[\s:=#º°]{0,4}[\"']?\Z",
    re.IGNORECASE,
)
"""What stands before digits that are another kind of number."""

_MOMENT = pattern(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"
)
"""A time without marks, of as many digits as a CNPJ."""

_HEAD_OFFICE = "0001"
"""The branch in nearly every CNPJ."""

BEFORE_CHARS = 40
"""Characters before a number that tell what it is."""


class _Form(NamedTuple):
    with_marks: re.Pattern[str]
    plain: re.Pattern[str]
    weights: tuple[Sequence[int], Sequence[int]]
    """Of the characters before the first and before the second check digit."""


_FORMS: dict[Kind, _Form] = {
    "cpf": _Form(
        pattern(rf"{_BEFORE}\d{{3}}\.\d{{3}}\.\d{{3}}{_DASH}\d\d{_AFTER}"),
        pattern(rf"{_BEFORE}(?:[Cc][Pp][Ff])?\d{{9}}{_DASH}?\d\d{_AFTER}"),
        (range(10, 1, -1), range(11, 1, -1)),
    ),
    # Letters since 2026, in the first twelve places.
    "cnpj": _Form(
        pattern(
            rf"{_BEFORE}[0-9A-Z]{{2}}\.[0-9A-Z]{{3}}\.[0-9A-Z]{{3}}{_SLASH}[0-9A-Z]{{4}}"
            rf"{_DASH}\d\d{_AFTER}"
        ),
        pattern(rf"{_BEFORE}(?:[Cc][Nn][Pp][Jj])?\d{{8}}{_SLASH}?\d{{4}}{_DASH}?\d\d{_AFTER}"),
        (
            (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2),
            (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2),
        ),
    ),
}

KINDS = dict.fromkeys(_FORMS)
"""In the order in which they are looked for."""

_MARKS = pattern(rf"{_SLASH}|{_DASH}|\.|[Cc][Pp][Ff]|[Cc][Nn][Pp][Jj]")


def without_personal_numbers(text: str, kinds: Iterable[Kind]) -> str:
    """The text with every number of these kinds replaced by `[redacted:kind]`."""
    for kind in kinds:
        pieces, done = [], 0
        for start, end in _found(text, _FORMS[kind]):
            pieces += [text[done:start], f"[redacted:{kind}]"]
            done = end
        text = "".join([*pieces, text[done:]])
    return text


def _found(text: str, form: _Form) -> list[tuple[int, int]]:
    """Where the numbers stand, one after the other."""
    spans = {found.span() for found in matches(form.with_marks, text) if _is_valid(found[0], form)}
    for found in matches(form.plain, text):
        if _is_valid(found[0], form) and not _is_another(text, found):
            spans.add(found.span())
    return sorted(spans)


def _is_valid(written: str, form: _Form) -> bool:
    characters = _MARKS.sub("", written)
    if len(set(characters)) == 1:
        return False  # 111.111.111-11 fits, and is nobody's
    values = [ord(one) - ord("0") for one in characters]
    for weights in form.weights:
        place = len(weights)
        rest = sum(weight * value for weight, value in zip(weights, values, strict=False)) % 11
        if values[place] != (0 if rest < 2 else 11 - rest):
            return False
    return True


def _is_another(text: str, found: re.Match[str]) -> bool:
    """Whether digits alone say that they are a time, or are told to be a telephone or an order."""
    digits = found[0]
    if not digits.isdigit():
        return False
    if _MOMENT.fullmatch(digits) and digits[8:12] != _HEAD_OFFICE:
        return True
    before = text[max(0, found.start() - BEFORE_CHARS) : found.start()]
    return _OTHER_NUMBER.search(before) is not None

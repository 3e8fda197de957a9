"""How a text is compared with what is looked for."""

import unicodedata

from genesis_mcp.questions.numbered_lines import Sought, folded_text

EVERY_LETTER = "".join(map(chr, [*range(0x250), *range(0x1E00, 0x1F00), 0x2713, 0x1F600]))


def test_each_letter_is_compared_without_its_accent_whatever_else_is_in_the_text():
    for letter in EVERY_LETTER:
        alone = unicodedata.normalize("NFD", letter)[0]
        assert folded_text(f"a{letter}b") == f"a{alone}b"
        assert folded_text(f"✓{letter}b") == f"✓{alone}b"


def test_a_place_is_that_of_the_text_that_was_given():
    text = "não há ✓ usuário\nusuário não encontrado"

    for part in (text, text.replace("✓", "o")):
        places = [match.span() for match in Sought("USUARIO").finditer(part)]
        assert [part[start:end] for start, end in places] == ["usuário", "usuário"]

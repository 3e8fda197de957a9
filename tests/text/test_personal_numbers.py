"""CPF and CNPJ in texts as programs print them, and the many other numbers that stay."""

import random

import pytest

from genesis_mcp.text.personal_numbers import Kind, without_personal_numbers

BOTH: tuple[Kind, ...] = ("cpf", "cnpj")


def hidden(text):
    return without_personal_numbers(text, BOTH)


def with_check_digits(characters, longest):
    """The characters and the two digits that fit, by the rule of the tax office, from the right."""
    for _ in range(2):
        weights = [2 + place % (longest - 1) for place in range(len(characters))]
        values = [ord(one) - 48 for one in reversed(characters)]
        rest = sum(weight * value for weight, value in zip(weights, values, strict=True)) % 11
        characters += str(0 if rest < 2 else 11 - rest)
    return characters


def cpf(source):
    return with_check_digits("".join(source.choices("0123456789", k=9)), 12)


def cnpj(source, alphabet="0123456789"):
    return with_check_digits("".join(source.choices(alphabet, k=8)) + "0001", 9)


@pytest.mark.parametrize("seed", range(20))
def test_every_valid_number_is_hidden_in_its_forms_and_no_other(seed):
    source = random.Random(seed)
    for _ in range(20):
        one, other = cpf(source), cnpj(source)
        formatted = f"{one[:3]}.{one[3:6]}.{one[6:9]}-{one[9:]}"
        company = f"{other[:2]}.{other[2:5]}.{other[5:8]}/{other[8:12]}-{other[12:]}"
        for text in (one, formatted, f"{one[:9]}-{one[9:]}"):
            assert hidden(f"cliente {text}, ok") == "cliente [redacted:cpf], ok"
        for text in (other, company, f"{other[:8]}/{other[8:12]}-{other[12:]}"):
            assert hidden(f"cliente {text}, ok") == "cliente [redacted:cnpj], ok"
        wrong = f"{one[:9]}{(int(one[9]) + 1) % 10}{one[10]}"
        for text in (wrong, f"{wrong[:3]}.{wrong[3:6]}.{wrong[6:9]}-{wrong[9:]}"):
            assert hidden(text) == text
        letters = cnpj(source, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        marked = f"{letters[:2]}.{letters[2:5]}.{letters[5:8]}/{letters[8:12]}-{letters[12:]}"
        assert hidden(f"({marked})") == "([redacted:cnpj])"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"cpf":"52998224725","n":1}', '{"cpf":"[redacted:cpf]","n":1}'),
        ("cpf=529.982.247-25.", "cpf=[redacted:cpf]."),
        ("CPF52998224725 inválido", "[redacted:cpf] inválido"),
        ("GET /clientes/52998224725/pedidos 404", "GET /clientes/[redacted:cpf]/pedidos 404"),
        ("nota_52998224725.pdf", "nota_[redacted:cpf].pdf"),
        ("ana;52998224725;11222333000181;SP", "ana;[redacted:cpf];[redacted:cnpj];SP"),
        ("7,52998224725,1500.00", "7,[redacted:cpf],1500.00"),
        ("52998224725.0  NaN", "[redacted:cpf].0  NaN"),
        ("CNPJ 11.222.333/0001-81: duplicado", "CNPJ [redacted:cnpj]: duplicado"),
        (r'{"cnpj":"11.222.333\/0001-81"}', '{"cnpj":"[redacted:cnpj]"}'),
        ("?cnpj=11.222.333%2F0001-81&x=1", "?cnpj=[redacted:cnpj]&x=1"),
        ("12.ABC.345/01DE-35", "[redacted:cnpj]"),
        ("a 111.444.777-35\nb 111.444.777-35", "a [redacted:cpf]\nb [redacted:cpf]"),
    ],
)
def test_numbers_are_hidden_where_programs_print_them(text, shown):
    assert hidden(text) == shown
    assert hidden(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "111.111.111-11 e 00000000000000",  # fit, and are nobody's
        "CEP 01310-100, 01310100",
        "(11) 98765-4321, 11 98765-4321, +5511987654321, +55 11 987654321",
        "telefone: 52998224725",  # such a telephone may be: eleven digits
        'celular="52998224725"',
        '{"phone": "52998224725"}',
        "pedido 52998224725 recusado",
        "order_id=52998224725",
        "pedido nº 52998224725",
        "1795784586207, 1795784586207284, 1795784586",
        "2025-12-19T15:30:00.123Z 20251219153000 20251219",
        "0.52998224725 3.52998224725e-3",
        "deadbeef52998224725cafe 52998224725a",
        "01a20040-b73c-74f7-be04-d41627ac2953",
        "4111 1111 1111 1111",
        "10.0.0.1:5432 192.168.100.200-25",
        "RG 12.345.678-9, NIS 123.45678.90-0",
        "v1.222.333/0001-8",
        "$ 11.222.333,00 - 0001",
    ],
)
def test_other_numbers_stay(text):
    assert hidden(text) == text


def test_a_time_of_fourteen_digits_stays_unless_it_has_the_branch_of_a_head_office():
    for second in range(60):
        for day in range(1, 29):
            moment = f"202512{day:02}1530{second:02}"
            assert hidden(moment) == moment
    company = with_check_digits("202512190001", 9)
    assert hidden(company) == "[redacted:cnpj]"


def test_only_the_kinds_that_were_asked_for_are_hidden():
    text = "52998224725 11222333000181"
    assert without_personal_numbers(text, ("cpf",)) == "[redacted:cpf] 11222333000181"
    assert without_personal_numbers(text, ("cnpj",)) == "52998224725 [redacted:cnpj]"
    assert without_personal_numbers(text, ()) == text

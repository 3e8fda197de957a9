"""Which secrets `redact` hides, and what it must leave alone."""

import random

import pytest

from genesis_mcp.text.redact import REPETITIVE_FROM, redact

# Assembled from pieces, so that no scanner takes this file for a leak.
A = "aBcDeFgHiJ0123456789"

SECRETS = [
    ("mongodb://app:hunter2@db:27017/x", "mongodb://app:[redacted:password]@db:27017/x"),
    ("postgres://u:p@ss@host:5432/db", "postgres://u:[redacted:password]@host:5432/db"),
    ("redis://:abc@localhost", "redis://:[redacted:password]@localhost"),
    ("mongodb://u:p@h1:1,h2:2/d", "mongodb://u:[redacted:password]@h1:1,h2:2/d"),
    ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted:authorization]"),
    ("authorization: Basic dXNlcjpw", "authorization: Basic [redacted:authorization]"),
    (
        'curl -H "Authorization: Bearer a1" https://x',
        'curl -H "Authorization: Bearer [redacted:authorization]" https://x',
    ),
    ('{"authorization":"Bearer a"}', '{"authorization":"Bearer [redacted:authorization]"}'),
    (f"sent bearer {A}", "sent bearer [redacted:authorization]"),
    ("Cookie: session=abc; theme=dark", "Cookie: [redacted:cookie]"),
    ("Set-Cookie: sid=s%3Aabc; HttpOnly", "Set-Cookie: [redacted:cookie]"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_1", "[redacted:jwt]"),
    (f"ghp_{A}{A}", "[redacted:github-token]"),
    (f"gho_{A}{A}", "[redacted:github-token]"),
    (f"ghs_{A}{A}", "[redacted:github-token]"),
    (f"github_pat_{A}_{A}", "[redacted:github-token]"),
    (f"glpat-{A}", "[redacted:gitlab-token]"),
    (f"xoxb-123456789012-{A}", "[redacted:slack-token]"),
    (f"sk-ant-api03-{A}", "[redacted:anthropic-key]"),
    (f"sk-{A}{A}", "[redacted:api-key]"),
    (f"sk_live_{A}", "[redacted:stripe-key]"),
    (f"rk_live_{A}", "[redacted:stripe-key]"),
    ("AKIA" + "IOSFODNN7EXAMPLE", "[redacted:aws-key]"),
    ("ASIA" + "IOSFODNN7EXAMPLE", "[redacted:aws-key]"),
    (f"AIza{A}{A}", "[redacted:google-key]"),
    (f"ya29.{A}", "[redacted:google-token]"),
    (f"npm_{A}{A}", "[redacted:npm-token]"),
    (f"pypi-AgEI{A}{A}", "[redacted:pypi-token]"),
    (f"hf_{A}{A}", "[redacted:huggingface-token]"),
    (f"SG.{A}.{A}", "[redacted:sendgrid-key]"),
    ("dop_v1_" + "0a" * 32, "[redacted:digitalocean-token]"),
    ("shpat_" + "0a" * 16, "[redacted:shopify-token]"),
    ("gmcp_" + "0a" * 32, "[redacted:genesis-token]"),
    ("key-" + "0a" * 16, "[redacted:mailgun-key]"),
    ("CLICKHOUSE_PASSWORD=s3cr,et;x", "CLICKHOUSE_PASSWORD=[redacted:password]"),
    ('export DB_PASSWORD="my pass"', 'export DB_PASSWORD="[redacted:password]"'),
    ("POSTGRES_PASSWORD=password", "POSTGRES_PASSWORD=[redacted:password]"),
    ("password=123456 host=x", "password=[redacted:password] host=x"),
    ("password: hunter2", "password: [redacted:password]"),
    ("senha=abc", "senha=[redacted:password]"),
    ("senha: minhasenha", "senha: [redacted:password]"),
    ('"password": "x"', '"password": "[redacted:password]"'),
    (r"{\"password\":\"hunter2\"}", r"{\"password\":\"[redacted:password]\"}"),
    ("'secret': 'abc def'", "'secret': '[redacted:secret]'"),
    ("segredo=abc", "segredo=[redacted:secret]"),
    ("AWS_SECRET_ACCESS_KEY=wJal/bPx+x=", "AWS_SECRET_ACCESS_KEY=[redacted:key]"),
    ("api_key=abcd", "api_key=[redacted:key]"),
    ("X-Api-Key: abcd1234efgh", "X-Api-Key: [redacted:key]"),
    ("chave_api=xyz", "chave_api=[redacted:key]"),
    ("chave: a1b2c3d4e5", "chave: [redacted:key]"),
    ("ENCRYPTION_KEY=a1b2c3d4e5", "ENCRYPTION_KEY=[redacted:key]"),
    ("https://x/?token=abc&user=bob", "https://x/?token=[redacted:token]&user=bob"),
    ("mysql --password hunter2 -h x", "mysql --password [redacted:password] -h x"),
    ("credential=abc", "credential=[redacted:credential]"),
    (
        '["mysql", "--password", "hunter2", "-h"]',
        '["mysql", "--password", "[redacted:password]", "-h"]',
    ),
    ("a senha é 'hunter2'", "a senha é '[redacted:password]'"),
    ("senha_do_usuario=hunter2", "senha_do_usuario=[redacted:password]"),
    ('user.setPassword("hunter2")', 'user.setPassword("[redacted:password]")'),
    ("sshpass -p hunter2 ssh x", "sshpass -p [redacted:password] ssh x"),
    ("GET /a?sv=1&sig=" + "aB3%2F" * 4, "GET /a?sv=1&sig=[redacted:signature]"),
    (
        f"/api/webhooks/1122334455667/{A}{A}",
        "/api/webhooks/1122334455667/[redacted:discord-webhook]",
    ),
    ("/bot123456789:AA" + "h" * 33 + "/x", "/bot[redacted:telegram-token]/x"),
    ("İİ password=hunter2", "İİ password=[redacted:password]"),
]

HARMLESS = [
    "auth: noneaâxâ",
    "9fceb02d0ae598e95dc970b74767f19372d61af8",
    "550e8400-e29b-41d4-a716-446655440000",
    "d41d8cd98f00b204e9800998ecf8427e",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "aGVsbG8gd29ybGQgdGhpcyBpcyBoYXJtbGVzcw==",
    "00000000  7f 45 4c 46 02 01 01 00 00 00",
    "a_very_long_identifier_name_that_goes_on_and_on_1234567890",
    "token: 5",
    "Unexpected token: }",
    "Unexpected token: return",
    "Unexpected token: 'identifier'",
    """SyntaxError: Unexpected token 'x', "xabc" is not valid JSON""",
    "def login(user: str, password: str) -> None:",
    "tokens=512",
    "max_tokens=128000",
    "secret=None",
    'password=os.environ["X"]',
    "password=${DB_PASSWORD}",
    "password=",
    "password: ",
    "token = get_token()",
    "token = next_token",
    "connect(password=password, token=self.token)",
    "TypeError: password.trim is not a function",
    "AssertionError: token == 'abc'",
    "Invalid password: must not be empty",
    "Error: password: required",
    "senha: inválida",
    "chave: valor",
    "KeyError: 'api_key'",
    "PWD=/root/project",
    "CACHE_KEY=users",
    "primary_key=True",
    "private_key: /etc/ssl/server1.pem",
    "token_type: bearer",
    "usage: tool [--password PASSWORD] [--token <token>]",
    "http://host:8080?email=a@b",
    "http://localhost:3000/path@2",
    "git@github.com:owner/name.git",
    "task-runner-component-1234567890-name",
    "npm_config_registry_is_a_long_name_of_a_variable=x",
    "-----BEGIN PUBLIC KEY-----",
    "a PRIVATE KEY is needed",
    "password is wrong",
    "password = input('password: ')",
    'name = input("Your password: ")',
]


@pytest.mark.parametrize(("text", "redacted"), SECRETS)
def test_a_secret_becomes_its_kind(text: str, redacted: str):
    assert redact(text) == redacted


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str):
    assert redact(text) == text


def test_a_private_key_goes_and_the_line_numbers_stay():
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\nabcd==\n"
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----"
    assert redact(f"before\n{key}\nafter") == "before\n[redacted:private-key]\n\n\n\nafter"


def test_a_private_key_that_was_cut_off_goes_without_the_rest_of_the_log():
    text = f"-----BEGIN PRIVATE KEY-----\n{A}{A}\n{A}{A}\nError: next line\nand more"
    assert redact(text) == "[redacted:private-key]\n\n\nError: next line\nand more"
    assert redact(f"-----BEGIN PRIVATE KEY-----\n{A}{A}\nMIIE") == "[redacted:private-key]\n\n"


def test_a_private_key_whose_beginning_was_cut_off_goes():
    text = f"[... 9 bytes left out ...]\n{A}{A}\n{A}\n-----END PRIVATE KEY-----\nnext"
    redacted = "[... 9 bytes left out ...]\n[redacted:private-key]\n\n\nnext"
    assert redact(text) == redacted
    assert redact(redacted) == redacted
    assert redact("tail: -----END PRIVATE KEY-----") == "tail: [redacted:private-key]"
    assert redact("a line\n-----END PRIVATE KEY-----") == "a line\n[redacted:private-key]"


def test_a_private_key_inside_json_goes():
    key = f"-----BEGIN PRIVATE KEY-----\\n{A}{A}\\n-----END PRIVATE KEY-----\\n"
    assert redact(f'{{"private_key": "{key}"}}') == ('{"private_key": "[redacted:private-key]\\n"}')


def test_an_end_line_far_away_does_not_belong_to_the_key():
    text = "-----BEGIN PRIVATE KEY-----\n" + "log\n" * 20_000 + "-----END PRIVATE KEY-----"
    assert redact(text).count("log") == 20_000


def test_redacting_twice_changes_nothing_and_no_line_appears_or_goes():
    source = random.Random(3)
    texts = [text for text, _ in SECRETS] + HARMLESS
    for _ in range(300):
        text = "\n".join(source.choice(["", " ", ","]).join(source.sample(texts, 3)) for _ in "ab")
        once = redact(text)
        assert redact(once) == once
        assert once.count("\n") == text.count("\n")


def test_lines_that_repeat_are_redacted_as_each_alone():
    lines = [text for text, _ in SECRETS] + HARMLESS
    times = REPETITIVE_FROM * 3 // len("\n".join(lines))
    alone = [redact(line) for line in lines]
    assert redact("\n".join(lines * times)).split("\n") == alone * times


def test_the_order_of_secrets_in_a_text_does_not_matter():
    lines = [text for text, _ in SECRETS]
    assert redact("\n".join(reversed(lines))).split("\n")[::-1] == redact("\n".join(lines)).split(
        "\n"
    )


@pytest.mark.parametrize(
    ("piece", "times"),
    [
        ("password=", 100_000),
        ('password="', 100_000),
        ("token:", 50_000),
        ("password:", 50_000),
        ("eyJ", 300_000),
        ("eyJabcdefgh.", 80_000),
        ("://a:", 200_000),
        ("sk-", 300_000),
        ("-----BEGIN PRIVATE KEY-----\n", 40_000),
        ("authorization: bearer ", 30_000),
        ("a", 1_000_000),
    ],
)
def test_hostile_text_is_redacted_in_time(piece: str, times: int):
    text = f"{piece * times} and more"
    assert redact(text).count("\n") == text.count("\n")

"""Secrets behind options, in files, in SQL and over several lines go; their namesakes stay."""

import re

import pytest

from genesis_mcp.text.redact import redact
from tests.text.option_redactions import OPTION_HARMLESS, OPTION_SECRETS


def gone(text):
    """Whether no eight characters of a secret are left."""
    secrets = re.findall("«(.*?)»", text, re.DOTALL)
    left = redact(re.sub("[«»]", "", text))
    return not any(
        secret[i : i + 8] in left for secret in secrets for i in range(max(1, len(secret) - 7))
    )


def test_secrets_of_these_kinds_go():
    missed = [text for text in OPTION_SECRETS if not gone(text)]
    assert len(missed) <= len(OPTION_SECRETS) // 20, missed


@pytest.mark.parametrize("text", OPTION_HARMLESS)
def test_near_misses_and_placeholders_stay(text):
    assert redact(text) == text


@pytest.mark.parametrize("text", OPTION_SECRETS)
def test_lines_stay_and_a_second_time_changes_nothing(text):
    whole = re.sub("[«»]", "", text)
    once = redact(whole)
    assert once.count("\n") == whole.count("\n")
    assert redact(once) == once


def test_an_option_belongs_to_its_program_up_to_the_end_of_the_command():
    assert redact("sshpass -p hunter2 ssh -p 2222 host") == (
        "sshpass -p [redacted:password] ssh -p 2222 host"
    )
    assert redact("docker login -u a; mkdir -p dados/x") == "docker login -u a; mkdir -p dados/x"
    assert redact("redis-cli -a s3nha | grep -a x1y2z3w4") == (
        "redis-cli -a [redacted:password] | grep -a x1y2z3w4"
    )


@pytest.mark.parametrize("length", [100, 3_000, 4_060, 4_096, 5_000, 20_000])
@pytest.mark.parametrize(
    "secret",
    [
        "password=qT4vXz81LmNc7RkP",
        "mysql -u root -pqT4vXz81LmNc7RkP",
        "postgres://app:qT4vXz81LmNc7RkP@db/x",
        "Authorization: Bearer qT4vXz81LmNc7RkP",
        "ghp_qT4vXz81LmNc7RkPqT4vXz81LmNc7RkP",
    ],
)
def test_a_secret_anywhere_in_a_long_line_is_found(secret, length):
    text = f"{'lorem ' * (length // 6)}{secret} {'ipsum ' * 2_000}"
    assert "qT4vXz81LmNc7RkP" not in redact(text)


@pytest.mark.parametrize(
    "before", ['password="', "https://x/?token=", "Authorization: Digest ", "Cookie: a="]
)
def test_a_secret_longer_than_a_window_goes_whole(before):
    text = f"{before}{'s3cr' * 5_000}"
    assert "s3cr" not in redact(f"{text}\nnext line")
    assert redact(f"{text}\nnext line").endswith("\nnext line")


def test_what_was_not_judged_is_left_out_and_said():
    text = (
        "begin\n"
        + 'x secret:"a1b2"\n' * 3
        + "".join(f'secret:"value-{number}"\n' for number in range(30_000))
    )
    redacted = redact(f"{text}the end")
    assert redacted.startswith("begin\nx secret:")
    assert "value-" not in redacted
    assert "characters left out unread ...]" in redacted
    assert redacted.count("\n") == text.count("\n")
    assert redact(redacted) == redacted


def test_a_megabyte_with_a_secret_in_each_line_is_read_whole():
    text = "".join(
        f"GET /plans/{number} {'x' * 80}?token=qT4v{number}\n" for number in range(9_000)
    )
    redacted = redact(text)
    assert redacted.count("?token=[redacted:token]\n") == 9_000


def test_more_names_than_can_be_read_are_left_out_and_a_log_full_of_counts_is_not():
    counts = "".join(f'{{"prompt_tokens": {n}, "total_tokens": {n}}}\n' for n in range(24_000))
    assert redact(counts) == counts
    many = "".join(f"_key=x{'y' * (n % 40)}\n_key=z {n}\n" for n in range(70_000))
    redacted = redact(f"{many}password=hunter2\nend")
    assert "characters left out unread ...]" in redacted
    assert "hunter2" not in redacted
    assert redacted.count("\n") == many.count("\n") + 1

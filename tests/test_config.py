"""Settings: flags beat the environment, misspelt names are told, defaults are the users' own."""

from pathlib import Path

import pytest

from genesis_mcp.config import Settings, load_settings
from genesis_mcp.errors import ConfigError


def test_without_settings_the_store_is_a_file_in_the_users_home():
    expected = (Path.home() / ".genesis-mcp" / "logs.db").as_posix()
    assert load_settings({}, {}).store == f"sqlite:///{expected}"


def test_a_flag_beats_the_environment_and_an_empty_variable_is_not_set():
    environment = {"GENESIS_STORE": "sqlite:////a.db", "GENESIS_MAX_CHARS": " ", "PATH": "x"}
    settings = load_settings({"store": "sqlite:////b.db", "read_only": None}, environment)
    assert (settings.store, settings.max_chars, settings.read_only) == (
        "sqlite:////b.db",
        8_000,
        False,
    )


@pytest.mark.parametrize(
    ("uri", "store"),
    [
        ("mongodb://h", "mongodb://h/?database=genesis"),
        ("mongodb://u:p@h:1/admin", "mongodb://u:p@h:1/admin?database=genesis"),
        ("mongodb+srv://h/x?tls=true", "mongodb+srv://h/x?tls=true&database=genesis"),
    ],
)
def test_the_workers_variable_is_the_store_with_their_database_when_ours_is_not_set(uri, store):
    assert load_settings({}, {"MONGO_URI": uri}).store == store
    ours = {"MONGO_URI": uri, "GENESIS_STORE": "sqlite:////a.db"}
    assert load_settings({}, ours).store == "sqlite:////a.db"
    assert (
        load_settings({"store": "sqlite:////b.db"}, {"MONGO_URI": uri}).store == "sqlite:////b.db"
    )
    assert load_settings({}, {"MONGO_URI": " "}).store.startswith("sqlite:")


@pytest.mark.parametrize(
    ("value", "means"), [("1", True), ("true", True), ("0", False), ("no", False)]
)
def test_read_only_is_told_as_people_write_it(value, means):
    assert load_settings({}, {"GENESIS_READ_ONLY": value}).read_only is means


def test_kinds_that_are_redacted_as_well_stand_between_commas():
    also = {"GENESIS_REDACT_ALSO": " CPF,cnpj,cpf, "}
    assert load_settings({}, also).redacted_also == ("cpf", "cnpj")
    with pytest.raises(ConfigError, match="GENESIS_REDACT_ALSO: hides nothing with GENESIS_REDACT"):
        load_settings({}, also | {"GENESIS_REDACT": "off"})


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GENESIS_STOER", "x", "Did you mean GENESIS_STORE?"),
        ("GENESIS_ZZZ", "x", "Known: GENESIS_STORE, GENESIS_READ_ONLY,"),
        ("GENESIS_MAX_CHARS", "muitos", "GENESIS_MAX_CHARS: must be a whole number"),
        ("GENESIS_MAX_CHARS", "100", "GENESIS_MAX_CHARS: must be at least 2000"),
        ("GENESIS_TIMEOUT_SECONDS", "nan", "GENESIS_TIMEOUT_SECONDS: must be"),
        ("GENESIS_READ_ONLY", "talvez", "GENESIS_READ_ONLY: must be true or false"),
        (
            "GENESIS_REDACT_ALSO",
            "cpf,rg",
            "GENESIS_REDACT_ALSO: must be one of cpf, cnpj, or several",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(variable, value, said):
    with pytest.raises(ConfigError) as caught:
        load_settings({}, {variable: value})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "logs.db", "oracle://u:s3nh4@h/x", "sqlite://", "sqlite:///relative?mode=ro"]
)
def test_a_store_that_no_version_knows_is_refused_without_its_password(url):
    with pytest.raises(ConfigError) as caught:
        Settings(store=url or "x").open_store()
    assert "s3nh4" not in str(caught.value)

import pytest

from perptape.core.config import as_json, load_configuration, problems, render_toml
from perptape.core.config.secrets import without_passwords
from perptape.core.errors import ConfigurationError


@pytest.mark.parametrize(
    "key", ["api_key", "apiKey", "API-SECRET", "secret", "password", "bearer_token", "private-key", "credentials"]
)
@pytest.mark.parametrize("table", ["runtime", "trading", "runtime.exchange"])
def test_a_key_named_like_a_secret_is_refused_without_repeating_it(table: str, key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(f'[{table}]\n{key} = "hunter2"')
    assert "line 2" in str(caught.value)
    assert "environment or the keyring" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert ("more" in str(caught.value)) == (table == "runtime.exchange"), "said once, beside the table that is unknown"


@pytest.mark.parametrize("line", ['store = "postgresql://bot:hunter2@host/db"', 'unknown = ["x://u:hunter2@h"]'])
def test_a_password_in_an_address_is_refused(line: str) -> None:
    with pytest.raises(ConfigurationError, match="environment or the keyring") as caught:
        load_configuration(f"[runtime]\n{line}")
    assert "hunter2" not in str(caught.value)


def test_an_address_that_is_not_allowed_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError, match=r'given "Tgram://…"') as caught:
        load_configuration('[runtime]\nstore = "Tgram://hunter2/1"')
    assert "hunter2" not in str(caught.value)


def test_a_password_given_on_the_command_line_works_and_is_never_shown() -> None:
    url = "postgresql://bot:hunter2@host/db"
    found = load_configuration("", overrides={"runtime.store": url})
    assert found.runtime.store == url
    assert "hunter2" not in render_toml(found) + str(as_json(found))


def test_names_that_only_contain_such_words_are_no_secrets() -> None:
    text = '[[trading.strategies]]\nname = "a"\nkind = "ma_crossover"\nparameters = {tokenised = 1, keys_max = 2}'
    assert load_configuration(text).trading.strategies[0].parameters == {"tokenised": 1, "keys_max": 2}


def test_urls_without_a_password_stay_as_they_are() -> None:
    url = "postgresql://bot@host:5432/db?a=b@c"
    assert without_passwords(url) == url
    assert problems(None, overrides={"runtime.store": url}) == ()

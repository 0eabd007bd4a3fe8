from pathlib import Path

import pytest

from perptape.core.config.toml_file import parse_toml, read_toml
from perptape.core.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[trading]\ncycle_s 5", "bot.toml, line 2, column 9: not TOML: Expected '='"),
        ("[trading]\n[trading]\n", "bot.toml, line 2, column 9: not TOML: Cannot declare"),
        ("a = [1,\n", "bot.toml, line 1, at the end: not TOML: Invalid value"),
        ("a = " + "9" * 5000, "bot.toml: cannot be used as TOML: "),
        ("a = " + "[" * 5000, "bot.toml: cannot be used as TOML: "),
        (".".join("a" * 2000) + " = 1", "bot.toml: tables are nested more than 20 deep"),
    ],
)
def test_what_is_not_toml_is_refused_in_one_line_with_the_place(text: str, where: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_toml(text, "bot.toml")
    [line] = str(caught.value).splitlines()
    assert line.startswith(where)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml does not exist"):
        read_toml(tmp_path / "none.toml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_toml(tmp_path)


def test_text_in_another_encoding_is_refused_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "bot.toml"
    path.write_bytes(b"# caf\xe9")
    with pytest.raises(ConfigurationError, match=r"not UTF-8 text \(byte 5\)"):
        read_toml(path)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert parse_toml("\ufeffa = 1", "bot.toml").data == {"a": 1}

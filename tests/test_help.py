"""`perptape --help` shows the first sentence of every command whole."""

from collections.abc import Iterator

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from perptape.cli import application

WIDTH = 80


def listed(group: TyperGroup) -> Iterator[tuple[str, str]]:
    """Every command and group below, with its first line as the list above it shows it."""
    longest = max(map(len, group.commands))
    for name, command in group.commands.items():
        yield name, command.get_short_help_str(WIDTH - 6 - longest)
        if isinstance(command, TyperGroup):
            yield from listed(command)


def commands() -> list[tuple[str, str]]:
    top = get_command(application())
    assert isinstance(top, TyperGroup)
    return list(listed(top))


@pytest.mark.parametrize(("name", "shown"), commands())
def test_the_list_of_commands_shows_whole_sentences(name: str, shown: str) -> None:
    assert shown.endswith("."), name
    assert not shown.endswith("..."), name

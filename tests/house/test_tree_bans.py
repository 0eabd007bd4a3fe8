"""Habits that the whole tree keeps."""

import pytest

from tests.house.breach import breaches, parse, read
from tests.house.layout import ROOT, shipped_files, written_tests
from tests.house.tree_bans import SHIPPED_BANS, TREE_BANS


def _caught(text: str) -> list[str]:
    return [breach.what for breach in breaches(parse(text), SHIPPED_BANS)]


def _handling(line: str) -> str:
    return f"try:\n    act()\n{line}\n    pass\n"


def test_a_bare_except_is_caught_even_with_a_reason() -> None:
    assert _caught(_handling("except:  # the plugin may raise anything"))


@pytest.mark.parametrize("kinds", ["Exception", "BaseException", "(ValueError, Exception)"])
def test_a_broad_except_needs_a_reason_on_its_line(kinds: str) -> None:
    assert _caught(_handling(f"except {kinds}:"))
    assert _caught(_handling(f"except {kinds}:  # noqa: BLE001"))
    assert _caught(_handling(f"except {kinds}:  # a user's strategy may raise anything")) == []
    assert _caught(_handling(f"except {kinds}:  # noqa: BLE001 - a strategy may raise anything")) == []


def test_a_narrow_except_needs_none() -> None:
    assert _caught(_handling("except (ValueError, KeyError):")) == []


@pytest.mark.parametrize("mark", ["TODO", "FIXME", "XXX"])
def test_unfinished_work_is_caught_in_comments_and_docstrings(mark: str) -> None:
    assert _caught(f"value = 1  # {mark} say why")
    assert _caught(f'def act():\n    """Acts ({mark}: how?)."""')
    assert _caught(f"value = '{mark}'") == []


def test_an_assert_is_caught() -> None:
    assert _caught("assert size > 0")
    assert _caught("assert_never(event)") == []


def test_the_shipped_tree_obeys() -> None:
    found = [breach for path in shipped_files() for breach in breaches(read(path, ROOT), SHIPPED_BANS)]
    assert [str(breach) for breach in found] == []


def test_the_tests_obey() -> None:
    found = [breach for path in written_tests() for breach in breaches(read(path, ROOT), TREE_BANS)]
    assert [str(breach) for breach in found] == []

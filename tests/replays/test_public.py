"""The public face: its lists agree, it is documented in full, it loads nothing before use, and only users import it."""

import ast
import re
import subprocess
import sys
from importlib import import_module

import pytest

import perptape
from tests.house.layout import ROOT, shipped_files, written_tests

SOURCE = ROOT / "replays" / "public.py"
LOADED = """
import sys
before = set(sys.modules)
import perptape
print(*(name for name in set(sys.modules) - before if name.partition(".")[0] not in sys.stdlib_module_names))
"""


def for_type_checkers() -> dict[str, str]:
    """The names that type checkers see, each with the module it is imported from."""
    [block] = [
        node
        for node in ast.parse(SOURCE.read_text("utf-8")).body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name)
    ]
    return {
        name.name: node.module or ""
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if name.asname is None
    }


def test_type_checkers_see_the_public_names_and_no_others() -> None:
    assert sorted(for_type_checkers()) == sorted(perptape.__all__)
    assert len(set(perptape.__all__)) == len(perptape.__all__)
    assert dir(perptape) == sorted(perptape.__all__)


@pytest.mark.parametrize("name", perptape.__all__)
def test_a_name_is_what_type_checkers_take_it_for(name: str) -> None:
    home = import_module(for_type_checkers()[name])
    expected = import_module("perptape.core.events") if name == "events" else getattr(home, name)
    assert getattr(perptape, name) is expected


def test_every_public_name_is_documented_in_one_line() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \| \S.*\|$", page, re.MULTILINE)) == sorted(perptape.__all__)


def test_importing_it_loads_nothing_else() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["perptape"]


def test_a_name_that_is_not_public_is_refused_by_name() -> None:
    with pytest.raises(AttributeError, match=r"'EventStore'; perptape\.__all__ lists what is public"):
        _ = getattr(perptape, "EventStore")  # noqa: B009 - a type checker would refuse the attribute
    with pytest.raises(ImportError):
        exec("from perptape import EventStore", {})


def test_no_source_imports_the_file_behind_it() -> None:
    """It would be a second module with the same content."""
    hidden = "perptape.replays." + "public"
    assert [path for path in (*shipped_files(), *written_tests()) if hidden in path.read_text("utf-8")] == []

"""A public type has one meaning within each package: no two modules define the same name for different things."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.layout import ROOT

PER_ROW = ROOT / "replays" / "scenarios" / "catalogue"
"""Each drill of the catalogue calls what it measured `Facts`."""


def _types(tree: ast.Module) -> Iterator[str]:
    """Public classes and type aliases of a module. A type variable is local to its module."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if "TypeVar" in ast.dump(node.value):
                continue
        else:
            continue
        if name[0].isupper() and not name.isupper():
            yield name


def _ambiguous(folder: Path) -> dict[str, list[str]]:
    modules: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        for name in _types(ast.parse(path.read_text("utf-8"))):
            if not (name == "Facts" and path.is_relative_to(PER_ROW)):
                modules[name].append(str(path.relative_to(folder)))
    return {name: found for name, found in modules.items() if len(found) > 1}


@pytest.mark.parametrize("package", ["core", "eventstore", "replays"])
def test_a_public_type_has_one_meaning_within_its_package(package: str) -> None:
    assert _ambiguous(ROOT / package) == {}


def test_a_name_with_two_meanings_is_found(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("class Line: ...\nItem = TypeVar('Item')\n_Own = int\nSTEPS = 3\n")
    (tmp_path / "two.py").write_text("Line = tuple[int, str]\nItem = TypeVar('Item')\n_Own = str\nSTEPS = 4\n")
    assert _ambiguous(tmp_path) == {"Line": ["one.py", "two.py"]}

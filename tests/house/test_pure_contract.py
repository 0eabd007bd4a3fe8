"""The import contract of the pure part refuses everything that it does not name."""

import pytest
from grimp import ImportGraph

from tests.house.pure_contract import illegal_imports


def _illegal(importer: str, imported: str) -> list[tuple[str, str, int]]:
    graph = ImportGraph()
    for module in ("perptape.core", "perptape.core.state", "perptape.core.edge", "perptape.core.edge.clock"):
        graph.add_module(module)
    graph.add_import(importer=importer, imported=imported, line_number=3, line_contents="")
    return illegal_imports(graph, package="perptape.core", border=("perptape.core.edge",), allowed=("decimal",))


@pytest.mark.parametrize(
    "imported", ["time", "perptape.eventstore", "perptape.core.edge", "perptape.core.edge.clock", "decimals"]
)
def test_what_is_not_named_is_refused(imported: str) -> None:
    assert _illegal("perptape.core.state", imported) == [("perptape.core.state", imported, 3)]


def test_the_package_itself_is_pure() -> None:
    assert _illegal("perptape.core", "perptape.core.edge") == [("perptape.core", "perptape.core.edge", 3)]


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("perptape.core.state", "perptape.core"),
        ("perptape.core.state", "decimal"),
        ("perptape.core.edge.clock", "time"),
        ("perptape.core.edge", "perptape.core.state"),
    ],
)
def test_pure_imports_and_imports_of_the_border_pass(importer: str, imported: str) -> None:
    assert _illegal(importer, imported) == []

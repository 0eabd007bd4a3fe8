"""What no source file of the tree may contain."""

import ast
import re
from collections.abc import Iterator

from tests.house.breach import Rule, Source

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
BROAD = frozenset({"Exception", "BaseException"})
DIRECTIVE = re.compile(r"#\s*(noqa|type|pyright|pragma)\b:?\s*[\w\[\],-]*(\s*:\s*\w+)?")
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _gives_reason(comment: str) -> bool:
    return re.search(r"\w", DIRECTIVE.sub("", comment)) is not None


def _caught(handler: ast.ExceptHandler) -> set[str]:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {kind.id for kind in kinds if isinstance(kind, ast.Name)}


def broad_excepts(source: Source) -> Iterator[tuple[int, str]]:
    """Handlers that catch everything, unless the line says why."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        if node.type is None:
            yield node.lineno, "bare except: name what is expected to go wrong"
        elif (broad := _caught(node) & BROAD) and not _gives_reason(source.comments.get(node.lineno, "")):
            yield node.lineno, f"except {min(broad)} without a comment on the line that says why"


def unfinished(source: Source) -> Iterator[tuple[int, str]]:
    """Marks of unfinished work in comments and docstrings."""
    for line, comment in source.comments.items():
        if mark := UNFINISHED.search(comment):
            yield line, f"{mark[0]}: finish it, or file an issue"
    for node in ast.walk(source.tree):
        if isinstance(node, Documented) and (mark := UNFINISHED.search(ast.get_docstring(node) or "")):
            yield node.body[0].lineno, f"{mark[0]}: finish it, or file an issue"


def asserts(source: Source) -> Iterator[tuple[int, str]]:
    """Assert statements, which `python -O` removes."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assert):
            yield node.lineno, "assert outside the tests: raise an error of the package"


TREE_BANS: tuple[Rule, ...] = (broad_excepts, unfinished)
SHIPPED_BANS: tuple[Rule, ...] = (*TREE_BANS, asserts)

"""A breach of a house rule, and the reading of one source file against rules."""

import ast
import io
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """One source file: where it is, its syntax tree, and its comments by line."""

    path: str
    tree: ast.Module
    comments: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Breach:
    """A line that breaks a rule, and what to do instead."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        """As an editor's jump target."""
        return f"{self.path}:{self.line}: {self.what}"


Rule = Callable[[Source], Iterator[tuple[int, str]]]


def parse(text: str, path: str = "snippet.py") -> Source:
    """Read source text.

    Raises:
        SyntaxError: if `text` is not Python.
    """
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
    return Source(path=path, tree=ast.parse(text, filename=path), comments=comments)


def read(path: Path, root: Path) -> Source:
    """Read a source file, named relative to `root` in what is said about it."""
    return parse(path.read_text("utf-8"), path.relative_to(root).as_posix())


def breaches(source: Source, rules: Iterable[Rule]) -> list[Breach]:
    """Everything in `source` that breaks one of `rules`, in the order of its lines."""
    found = {Breach(source.path, line, what) for rule in rules for line, what in rule(source)}
    return sorted(found, key=lambda breach: (breach.line, breach.what))


def calls(source: Source) -> Iterator[tuple[int, str]]:
    """Every call of a plain name, as its line and the name."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.lineno, node.func.id

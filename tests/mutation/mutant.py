"""Mutants of the bot's behaviour: every one of them, and a seeded sample."""

import ast
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType
from typing import NamedTuple

from tests.mutation.operators import Change, changed, changes

ROOT = Path(__file__).parents[2]
SUBJECTS = (
    "core/guards", "core/decide", "core/evolve", "core/strategies", "core/account.py", "core/aggregation.py",
    "core/alarms.py", "core/exposure.py", "core/instruments.py", "core/order.py", "core/position.py",
    "core/reconciliation.py", "core/sizing.py", "core/waiting.py",
)  # fmt: skip
"""Guards, orders, portfolio, decide and strategies."""
STAGE = ("core/strategies/scripted.py",)
"""The strategy that scenarios direct: a part of their language, not of the bot that they try."""


class Mutant(NamedTuple):
    """One change: the `ordinal`th of its file."""

    file: str
    ordinal: int
    function: str
    line: int
    operator: str
    before: str
    after: str

    @property
    def title(self) -> str:
        """Where and what, in one line."""
        return f"{self.file}:{self.line} {self.function}: {self.operator}: {self.before} → {self.after}"


def files() -> list[str]:
    """The files that are changed."""
    found: list[Path] = []
    for subject in SUBJECTS:
        path = ROOT / subject
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [name for path in found if (name := path.relative_to(ROOT).as_posix()) not in STAGE]


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text("utf-8"), file)


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")


def _all_changes(file: str) -> Iterator[tuple[str, ast.Module, Change]]:
    tree = _tree(file)
    for name, function in _functions(tree):
        for change in changes(function):
            yield name, tree, change


def mutants_of(file: str) -> list[Mutant]:
    """Every mutant of a file."""
    found = []
    for ordinal, (name, _tree_of_it, change) in enumerate(_all_changes(file)):
        line = getattr(change.node, "lineno", 0)
        after = ast.unparse(ast.fix_missing_locations(ast.copy_location(change.instead, change.node)))
        found.append(Mutant(file, ordinal, name, line, change.operator, ast.unparse(change.node), after))
    return found


def sample(seed: int, count: int, *, shuffled: bool = False) -> list[Mutant]:
    """A sample of all mutants, the same for the same seed and code, in source order unless it is to be shuffled."""
    everything = [mutant for file in files() for mutant in mutants_of(file)]
    chosen = random.Random(seed).sample(range(len(everything)), min(count, len(everything)))
    return [everything[index] for index in (chosen if shuffled else sorted(chosen))]


def code_of(mutant: Mutant) -> CodeType:
    """The compiled code of the changed function."""
    for ordinal, (_name, tree, change) in enumerate(_all_changes(mutant.file)):
        if ordinal == mutant.ordinal:
            module = compile(changed(tree, change), mutant.file, "exec", dont_inherit=True)
            return _nested(module, mutant.function.split("."))
    raise LookupError(mutant.title)


def _nested(code: CodeType, names: list[str]) -> CodeType:
    for name in names:
        code = next(part for part in code.co_consts if isinstance(part, CodeType) and part.co_name == name)
    return code

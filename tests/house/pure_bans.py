"""What the pure part of the core may not do, because a replay could then come out differently."""

import ast
from collections.abc import Iterator

from tests.house.breach import Rule, Source, calls

IMPORTS = frozenset(
    "asyncio datetime glob io locale logging multiprocessing os pathlib platform random secrets shutil "
    "signal socket subprocess sys tempfile threading time uuid zoneinfo".split()
)
CALLS = frozenset("__import__ breakpoint compile eval exec float globals hash id input open print vars".split())
CONTEXT_SWITCHES = frozenset({"getcontext", "setcontext"})
CONTEXT_OWNER = "core/money.py"


def outside_imports(source: Source) -> Iterator[tuple[int, str]]:
    """Imports that bring in time, chance, the environment or input and output."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                modules = [module]
            case _:
                continue
        for module in modules:
            if module.partition(".")[0] in IMPORTS:
                yield (
                    node.lineno,
                    f"import of {module}: let the value arrive as an argument or an observation",
                )


def outside_calls(source: Source) -> Iterator[tuple[int, str]]:
    """Calls that reach outside, depend on addresses or hash seeds, or leave exact arithmetic."""
    for line, name in calls(source):
        if name in CALLS:
            yield line, f"call of {name}() in the pure part"


def floats(source: Source) -> Iterator[tuple[int, str]]:
    """Float literals: money and sizes are Decimal."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno, f"float literal {node.value!r}: write Decimal({str(node.value)!r})"


def decimal_contexts(source: Source) -> Iterator[tuple[int, str]]:
    """Uses of the thread's decimal context anywhere but where it is defined."""
    if source.path == CONTEXT_OWNER:
        return
    for node in ast.walk(source.tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                if name in CONTEXT_SWITCHES:
                    yield node.lineno, f"{name} outside {CONTEXT_OWNER}: there is one decimal context"
            case _:
                pass


def global_statements(source: Source) -> Iterator[tuple[int, str]]:
    """`global`: state is what the events say, nothing else."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Global):
            yield node.lineno, f"global {', '.join(node.names)}: keep it in the state"


PURE_BANS: tuple[Rule, ...] = (outside_imports, outside_calls, floats, decimal_contexts, global_statements)

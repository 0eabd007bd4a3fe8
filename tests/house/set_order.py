"""The order of a set depends on hash seeds and addresses, so the pure part may not let it show.

Sets are recognised by how they are written (`{a, b}`, `set(...)`, `frozenset(...)`, set comprehensions, set
algebra over these), by annotation (parameters, variables, and fields of the pure part's own classes) and by
assignment.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.house.breach import Rule, Source

MAKERS = frozenset({"set", "frozenset"})
ANNOTATIONS = frozenset({"set", "frozenset", "Set", "AbstractSet", "MutableSet", "FrozenSet"})
ALGEBRA = frozenset({"union", "intersection", "difference", "symmetric_difference"})
ORDER_FREE = frozenset({"sorted", "len", "any", "all", "min", "max", "set", "frozenset"})
ORDERED = frozenset({"list", "tuple", "enumerate", "iter", "map", "filter", "zip", "dict", "sum", "reduce"})
ORDERED_METHODS = frozenset({"join", "fromkeys", "extend"})
Function = ast.FunctionDef | ast.AsyncFunctionDef
ADVICE = "the order of a set shows here: wrap it in sorted()"


def _is_set_annotation(annotation: ast.expr | None) -> bool:
    match annotation:
        case ast.Subscript(value=value):
            return _is_set_annotation(value)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in ANNOTATIONS
        case _:
            return False


def set_fields(sources: Iterable[Source]) -> frozenset[str]:
    """Names of fields that every class of `sources` which has them declares as sets."""
    declared: dict[str, bool] = {}
    for source in sources:
        for owner in (node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)):
            for node in owner.body:
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    name = node.target.id
                    declared[name] = declared.get(name, True) and _is_set_annotation(node.annotation)
    return frozenset(name for name, always in declared.items() if always)


@dataclass(frozen=True, slots=True)
class Sets:
    """What is known to be a set in one file: names of variables and parameters, names of fields."""

    names: frozenset[str]
    fields: frozenset[str]

    def has(self, node: ast.expr) -> bool:
        """Whether `node` is known to be a set."""
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Name(id=name):
                return name in self.names
            case ast.Attribute(attr=name):
                return name in self.fields
            case ast.Call(func=ast.Name(id=name)):
                return name in MAKERS
            case ast.Call(func=ast.Attribute(value=value, attr=name)):
                return name in ALGEBRA and self.has(value)
            case ast.BinOp(left=left, right=right, op=ast.BitOr() | ast.BitAnd() | ast.BitXor() | ast.Sub()):
                return any(self.has(side) or _is_keys_view(side) for side in (left, right))
            case ast.IfExp(body=body, orelse=orelse):
                return self.has(body) or self.has(orelse)
            case ast.NamedExpr(value=value):
                return self.has(value)
            case _:
                return False


def _is_keys_view(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="keys")):
            return True
        case _:
            return False


def _known_sets(scope: ast.AST, fields: frozenset[str]) -> Sets:
    names: set[str] = set()
    for node in ast.walk(scope):
        match node:
            case ast.arg(arg=name, annotation=annotation) if _is_set_annotation(annotation):
                names.add(name)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if _is_set_annotation(annotation):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if Sets(frozenset(names), fields).has(value):
                names.add(name)
            case _:
                pass
    return Sets(frozenset(names), fields)


def _order_free_generators(scope: ast.AST) -> set[int]:
    free = {id(node) for node in ast.walk(scope) if isinstance(node, ast.SetComp)}
    for node in ast.walk(scope):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.GeneratorExp() | ast.ListComp() as inner, *_]):
                if name in ORDER_FREE:
                    free.add(id(inner))
            case _:
                pass
    return free


def _shown(node: ast.AST, free: set[int]) -> list[ast.expr]:
    match node:
        case ast.For(iter=iterated) | ast.AsyncFor(iter=iterated):
            return [iterated]
        case ast.ListComp() | ast.DictComp() | ast.GeneratorExp() if id(node) not in free:
            return [generator.iter for generator in node.generators]
        case ast.Call(func=ast.Name(id=name), args=args) if name in ORDERED:
            return args
        case ast.Call(func=ast.Attribute(attr="pop", value=value), args=[]):
            return [value]
        case ast.Call(func=ast.Attribute(attr=name), args=args) if name in ORDERED_METHODS:
            return args
        case ast.Starred(value=value):
            return [value]
        case _:
            return []


def set_order(fields: frozenset[str] = frozenset()) -> Rule:
    """A rule against letting the order of a set show.

    Args:
        fields: names of fields that are sets, see `set_fields`.
    """

    def rule(source: Source) -> Iterator[tuple[int, str]]:
        functions = [node for node in ast.walk(source.tree) if isinstance(node, Function)]
        outside = [node for node in source.tree.body if not isinstance(node, Function | ast.ClassDef)]
        for scope in (*functions, ast.Module(body=outside, type_ignores=[])):
            yield from _breaches(scope, fields)

    return rule


def _breaches(scope: ast.AST, fields: frozenset[str]) -> Iterator[tuple[int, str]]:
    known = _known_sets(scope, fields)
    free = _order_free_generators(scope)
    for node in ast.walk(scope):
        for shown in _shown(node, free):
            if known.has(shown):
                yield shown.lineno, ADVICE

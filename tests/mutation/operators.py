"""Mutation operators: small changes of a syntax tree, each a mistake that someone could make."""

import ast
from collections.abc import Iterator
from copy import deepcopy
from typing import NamedTuple

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Change(NamedTuple):
    """What stands at a node now and what would stand there."""

    operator: str
    node: ast.AST
    instead: ast.AST


def changes(function: ast.AST) -> Iterator[Change]:
    """Every change of one function's body, in source order; annotations and defaults are left as they are."""
    assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
    for statement in function.body:
        yield from _of_statement(statement)
        for node in ast.walk(statement):
            if isinstance(node, ast.expr):
                yield from _of_expression(node)
            elif isinstance(node, ast.stmt) and node is not statement:
                yield from _of_statement(node)


def _of_statement(node: ast.stmt) -> Iterator[Change]:
    if isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Yield, ast.YieldFrom)):
        # a generator stays one: nothing is yielded, but by the same kind of statement
        nothing = (
            ast.YieldFrom(ast.Tuple([], ast.Load())) if not isinstance(node.value, ast.Call) else ast.Constant(None)
        )
        yield Change("statement left out", node, ast.Expr(nothing))
    if isinstance(node, (ast.Assign, ast.AugAssign)) and not _names_only(node):
        yield Change("assignment left out", node, ast.Pass())
    if isinstance(node, (ast.If, ast.While)) and not isinstance(node.test, ast.Compare):
        yield Change("condition negated", node.test, ast.UnaryOp(ast.Not(), node.test))


def _names_only(node: ast.Assign | ast.AugAssign) -> bool:
    """Whether it only names a value: leaving it out would not even run."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    return bool(targets) and all(isinstance(target, (ast.Name, ast.Tuple)) for target in targets)


def _of_expression(node: ast.expr) -> Iterator[Change]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARISONS.get(type(node.ops[0]), ()):
            yield Change("comparison", node, ast.Compare(node.left, [other()], node.comparators))
    elif (
        isinstance(node, ast.BinOp)
        and type(node.op) in _ARITHMETIC
        and not isinstance(node.left, (ast.JoinedStr, ast.List))
    ):
        yield Change("arithmetic", node, ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right))
    elif isinstance(node, ast.BoolOp):
        other_op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield Change("connective", node, ast.BoolOp(other_op, node.values))
        for index in range(len(node.values)):
            left = node.values[:index] + node.values[index + 1 :]
            yield Change("part left out", node, left[0] if len(left) == 1 else ast.BoolOp(node.op, left))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield Change("sign or negation left out", node, node.operand)
    elif isinstance(node, ast.IfExp):
        yield Change("branches swapped", node, ast.IfExp(node.test, node.orelse, node.body))
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield Change("constant", node, ast.Constant(not node.value))
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield Change("constant", node, ast.Constant(node.value + 1))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        yield Change("call", node, ast.Call(ast.Name(_CALLS[node.func.id], ast.Load()), node.args, node.keywords))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "abs":
        yield Change("call", node, node.args[0])


class _Replace(ast.NodeTransformer):
    def __init__(self, target: ast.AST, instead: ast.AST) -> None:
        self.target = target
        self.instead = instead

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.target:
            return ast.copy_location(self.instead, node)
        visited: ast.AST = super().visit(node)
        return visited


def changed(tree: ast.Module, change: Change) -> ast.Module:
    """A copy of a module's tree with the change in it."""
    memo: dict[int, object] = {}
    copy = deepcopy(tree, memo)
    target, instead = memo[id(change.node)], deepcopy(change.instead, dict(memo))
    assert isinstance(target, ast.AST)
    assert isinstance(instead, ast.AST)
    _Replace(target, instead).visit(copy)
    return ast.fix_missing_locations(copy)

"""Make mutants of Python source: one small change each, of the kind a slip of the hand makes."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
_NAMES = {
    "float64": "float32",
    "int64": "int32",
    "uint64": "uint32",
    "maximum": "minimum",
    "minimum": "maximum",
    "max": "min",
    "min": "max",
    "ceil": "floor",
    "floor": "ceil",
    "any": "all",
    "all": "any",
    "log1p": "log",
    "expm1": "exp",
    "tanh": "sinh",
    "argmax": "argmin",
    "cumsum": "asarray",
    "sin": "cos",
    "cos": "sin",
}


@dataclass(frozen=True)
class Mutant:
    """Hold one change of one file.

    Parameters
    ----------
    path : Path
        File, relative to the repository.
    line : int
        Line of the change, from 1.
    before, after : str
        The line before and after, without its indent.
    source : str
        All of the changed file.
    """

    path: Path
    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before} -> {self.after}"


def mutants_of(path: Path, source: str) -> list[Mutant]:
    """List the mutants of a file.

    Arithmetic and comparisons change their operator, numbers grow by one,
    conditions and signs turn round, wide types become narrow, a function gives
    way to its counterpart. Messages of errors, annotations, docstrings,
    decorators and the numbers that a module names in capitals stay as they are.

    Parameters
    ----------
    path : Path
        File, relative to the repository.
    source : str
        What is in it.

    Returns
    -------
    list of Mutant
        In the order of the source.
    """
    found = []
    for node in _mutable(ast.parse(source)):
        for changed in _changes(node):
            after = ast.unparse(changed)
            if isinstance(changed, ast.BinOp | ast.BoolOp | ast.Compare | ast.UnaryOp | ast.IfExp):
                after = f"({after})"
            text = _replaced(source, node, after)
            lines = (each.splitlines()[node.lineno - 1].strip() for each in (source, text))
            found.append(Mutant(path, node.lineno, *lines, text))
    return sorted(found, key=lambda each: (each.line, each.before, each.after))


def _mutable(node: ast.AST) -> Iterator[ast.expr | ast.AugAssign]:
    """Walk through all expressions whose value counts."""
    if isinstance(node, ast.expr | ast.AugAssign):
        yield node
    skipped: list[ast.AST | None] = []
    match node:
        case ast.Raise() | ast.Import() | ast.ImportFrom() | ast.JoinedStr():
            return
        case ast.Assign(targets=[ast.Name(id=name)]) if name.strip("_").isupper() or "__" in name:
            return
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
            return
        case ast.AnnAssign():
            skipped = [node.annotation]
        case ast.FunctionDef():
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            skipped = [*node.decorator_list, node.returns, *(each.annotation for each in arguments)]
        case ast.ClassDef():
            skipped = [*node.decorator_list, *node.bases]
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.arg):
            continue
        if all(child is not each for each in skipped):
            yield from _mutable(child)


def _changes(node: ast.expr | ast.AugAssign) -> Iterator[ast.AST]:
    """Yield each changed copy of one node, its children as they were."""
    changed = copy.deepcopy(node)
    match changed:
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator):
            if type(operator) in _OPERATORS and not _is_text(node):
                changed.op = _OPERATORS[type(operator)]()
                yield changed
        case ast.Compare(ops=[operator]) if type(operator) in _COMPARISONS:
            changed.ops = [_COMPARISONS[type(operator)]()]
            yield changed
        case ast.BoolOp(op=operator):
            changed.op = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield changed
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(value + 1)
        case ast.Attribute(attr=name) if name in _NAMES:
            changed.attr = _NAMES[name]
            yield changed
        case ast.Name(id=name) if name in _NAMES and isinstance(changed.ctx, ast.Load):
            changed.id = _NAMES[name]
            yield changed
        case ast.IfExp(body=body, orelse=other):
            changed.body, changed.orelse = other, body
            yield changed


def _is_text(node: ast.AST) -> bool:
    """Whether a string or a union of types is among what an operator joins."""
    inside = ast.walk(node)
    return any(
        isinstance(each, ast.JoinedStr)
        or (isinstance(each, ast.Constant) and (each.value is None or isinstance(each.value, str)))
        for each in inside
    )


def _replaced(source: str, node: ast.expr | ast.AugAssign, after: str) -> str:
    """Put other text in the place of a node."""
    lines = source.encode().splitlines(keepends=True)
    assert node.end_lineno is not None
    first, last = lines[node.lineno - 1], lines[node.end_lineno - 1]
    middle = first[: node.col_offset] + after.encode() + last[node.end_col_offset :]
    return b"".join([*lines[: node.lineno - 1], middle, *lines[node.end_lineno :]]).decode()

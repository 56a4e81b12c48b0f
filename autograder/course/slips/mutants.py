"""Mutants of a solution: its code with one slip in it, at one place or wherever it can be made.

Each operator looks at one node of the syntax tree and offers what could stand there by mistake,
with the sentence that a student reads whose values are the mutant's. Mutation testing asks whether
tests notice such slips; here, the question is which slip it was.
"""

import ast
import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.course.slips.formula import SYMBOLS, WORDS, rooted, shown

NAMED = {*SYMBOLS, *WORDS}

Offer = tuple[str, str, ast.AST]
"""Key of the operator, sentence, what stands there instead."""


@dataclass(frozen=True)
class Mutant:
    """A function with one slip.

    Args:
        key: the operator and the line: "root dropped, line 3".
        says: what a student reads.
        function: to call.
    """

    key: str
    says: str
    function: Callable[..., Any]


def mutants(code: str, name: str, namespace: dict[str, Any]) -> Iterator[Mutant]:
    """Every mutant of the function `name`, which `code` defines.

    Args:
        code: of the cell. Its other functions are mutated too: they belong to the exercise.
        name: of the function to call.
        namespace: where the code was run, with everything that it needs.
    """
    tree = ast.parse(code)
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    everywhere: dict[str, tuple[str, dict[int, ast.AST]]] = {}
    for index, node in enumerate(list(ast.walk(tree))):
        owner = _owner(tree, node)
        if owner is None:
            continue
        where = _where(owner, node)
        for operator in OPERATORS:
            for key, says, instead in operator(node, owner):
                function = _function(_replaced(tree, {index: instead}), name, namespace)
                if function is not None:
                    line = getattr(node, "lineno", 0)
                    yield Mutant(f"code: {key}, line {line}", says + where, function)
                if operator in REPEATED:
                    _, places = everywhere.setdefault(key, (says, {}))
                    places[index] = instead
    for key, (says, places) in everywhere.items():
        if len(places) > 1:
            function = _function(_replaced(tree, places), name, namespace)
            if function is not None:
                says = SEVERAL.get(key, says)
                yield Mutant(f"code: {key}, everywhere", says, function)


def _owner(tree: ast.Module, node: ast.AST) -> ast.FunctionDef | None:
    """The outermost function that has a node in its body, its docstring apart."""
    for function in tree.body:
        assert isinstance(function, ast.FunctionDef)
        for k, statement in enumerate(function.body):
            is_docstring = k == 0 and isinstance(statement, ast.Expr)
            if not is_docstring and any(inner is node for inner in ast.walk(statement)):
                return function
    return None


def _where(owner: ast.FunctionDef, node: ast.AST) -> str:
    """A hint at the place: what the node's statement computes, if that has a name in formulas."""
    for statement in ast.walk(owner):
        match statement:
            case ast.Assign([ast.Name(name) as target], value):
                if any(inner is node for inner in ast.walk(value)) and name in NAMED:
                    return f" It's where you compute {shown(target)}."
    return ""


def _replaced(tree: ast.Module, instead: Mapping[int, ast.AST]) -> ast.Module:
    """A copy of the tree with other nodes in place of some, by their index in a walk.

    A node inside a replaced one stays as it is.
    """
    tree = copy.deepcopy(tree)
    nodes = list(ast.walk(tree))
    new = {id(nodes[index]): copy.deepcopy(node) for index, node in instead.items()}
    for parent in nodes:
        for field, value in ast.iter_fields(parent):
            if isinstance(value, list):
                setattr(parent, field, [new.get(id(item), item) for item in value])
            elif id(value) in new:
                setattr(parent, field, new[id(value)])
    return ast.fix_missing_locations(tree)


def _function(tree: ast.Module, name: str, namespace: dict[str, Any]) -> Callable[..., Any] | None:
    own = dict(namespace)
    try:
        exec(compile(tree, "a mutant of the solution", "exec"), own)
    except Exception:  # a default that no longer exists, and the like: no mutant
        return None
    return own.get(name)


# --- operators -----------------------------------------------------------------------------------


def _names(owner: ast.FunctionDef) -> set[str]:
    arguments = owner.args
    return {a.arg for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}


def roots(node: ast.AST, owner: ast.FunctionDef) -> Iterator[Offer]:
    """A square root forgotten, or the square taken instead."""
    if isinstance(node, ast.expr) and (inner := rooted(node)) is not None:
        what = shown(inner, _names(owner))
        yield "root dropped", f"It looks as if a square root is missing around {what}.", inner


def signs(node: ast.AST, owner: ast.FunctionDef) -> Iterator[Offer]:
    """Plus for minus, a minus in front forgotten."""
    known = _names(owner)
    match node:
        case ast.BinOp(left, ast.Add() | ast.Sub() as op, right):
            says = f"Look at the sign of {shown(right, known)}: it's the wrong one."
            other = ast.Sub() if isinstance(op, ast.Add) else ast.Add()
            yield "sign", says, ast.BinOp(left, other, right)
        case ast.UnaryOp(ast.USub(), ast.expr() as inner) if not isinstance(inner, ast.Constant):
            yield "minus dropped", f"A minus is missing in front of {shown(inner, known)}.", inner


def orders(node: ast.AST, owner: ast.FunctionDef) -> Iterator[Offer]:
    """Two operands the other way round, or multiplied where they're divided."""
    known = _names(owner)
    match node:
        case ast.BinOp(left, ast.Sub() as op, right):
            a, b = shown(left, known), shown(right, known)
            says = f"You have a difference the wrong way round: it should be {a} minus {b}."
            yield "difference reversed", says, ast.BinOp(right, op, left)
        case ast.BinOp(left, ast.Div(), right):
            a, b = shown(left, known), shown(right, known)
            yield (
                "quotient reversed",
                f"You have a quotient upside down: {a} should be divided by {b}.",
                ast.BinOp(right, ast.Div(), left),
            )
            yield (
                "multiplied",
                f"You multiply {a} by {b} where you should divide.",
                ast.BinOp(left, ast.Mult(), right),
            )
        case ast.BinOp(left, ast.Mult(), right):
            yield (
                "divided",
                f"You divide {shown(left, known)} by {shown(right, known)} where you should "
                "multiply.",
                ast.BinOp(left, ast.Div(), right),
            )
        case ast.BinOp(left, ast.FloorDiv(), right):
            yield (
                "true division",
                f"{shown(left, known)} should be divided by {shown(right, known)} without a "
                "remainder.",
                ast.BinOp(left, ast.Div(), right),
            )
        case ast.Tuple([first, second], ast.Store()):
            yield (
                "results swapped",
                f"You've swapped two results: {shown(first, known)} comes first, then "
                f"{shown(second, known)}.",
                ast.Tuple([second, first], ast.Store()),
            )
        case ast.Return(ast.Tuple([first, second])):
            yield (
                "returned in reverse",
                f"You return your two results in the wrong order: {shown(first, known)} comes "
                "first.",
                ast.Return(ast.Tuple([second, first], ast.Load())),
            )


def dropped(node: ast.AST, owner: ast.FunctionDef) -> Iterator[Offer]:
    """A term, a factor, a call or an argument left out."""
    known = _names(owner)
    match node:
        case ast.BinOp(left, ast.Add() | ast.Sub(), right):
            yield "term dropped", f"A term is missing: {shown(right, known)}.", left
            if isinstance(node.op, ast.Add):
                yield "term dropped", f"A term is missing: {shown(left, known)}.", right
        case ast.BinOp(left, ast.Mult(), right):
            yield "factor dropped", f"A factor is missing: {shown(right, known)}.", left
            yield "factor dropped", f"A factor is missing: {shown(left, known)}.", right
        case ast.BinOp(left, ast.Div(), right):
            yield "division dropped", f"You don't divide by {shown(right, known)}.", left
        case ast.Call(called, [first, *_]) if rooted(node) is None and not _is_starred(first):
            what = ast.unparse(called)
            says = (
                f"You've used {shown(first, known)} as it is. There's a step missing that our "
                f"solution does with `{what}`."
            )
            yield "call dropped", says, first
    if isinstance(node, ast.Call):
        for k, keyword in enumerate(node.keywords):
            if keyword.arg is None:
                continue
            says = f"You call `{ast.unparse(node.func)}` without the right `{keyword.arg}`."
            rest = [*node.keywords[:k], *node.keywords[k + 1 :]]
            yield "argument dropped", says, ast.Call(node.func, node.args, rest)
        if len(node.args) > 1:
            last = shown(node.args[-1], known)
            says = f"You call `{ast.unparse(node.func)}` without passing on {last}."
            yield "argument dropped", says, ast.Call(node.func, node.args[:-1], node.keywords)


def _is_starred(node: ast.expr) -> bool:
    return isinstance(node, ast.Starred)


ALIKE = ({"alpha", "beta"}, {"conditional", "unconditional"}, {"c", "u"}, {"low", "high"})


def names(node: ast.AST, owner: ast.FunctionDef) -> Iterator[Offer]:
    """A name of like kind taken for another."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    known = _names(owner)
    stored = {n.id for n in ast.walk(owner) if isinstance(n, ast.Name) and _is_stored(n)}
    for other in sorted((known | stored) - {node.id}):
        if _like(node.id, other):
            yield (
                f"{other} for {node.id}",
                f"You've used {shown(ast.Name(other), known)} where {shown(node, known)} belongs.",
                ast.Name(other, ast.Load()),
            )


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _like(one: str, other: str) -> bool:
    a, b = set(one.split("_")), set(other.split("_"))
    return bool(a & b) or any(a & group and b & group for group in ALIKE)


def indices(node: ast.AST, owner: ast.FunctionDef) -> Iterator[Offer]:
    """An index or the start of a slice that's off by one."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    known = _names(owner)
    for step, op in (("later", ast.Add()), ("earlier", ast.Sub())):
        match node.slice:
            case ast.Name() as index:
                moved: ast.expr = ast.BinOp(index, op, ast.Constant(1))
            case ast.Slice(ast.expr() as lower, upper, stride):
                moved = ast.Slice(ast.BinOp(lower, op, ast.Constant(1)), upper, stride)
            case _:
                return
        says = (
            f"An index is off by one: you've read {shown(node, known)} one entry too {FAR[step]}."
        )
        yield f"index {step}", says, ast.Subscript(node.value, moved, ast.Load())


FAR = {"later": "late", "earlier": "early"}


def comparisons(node: ast.AST, owner: ast.FunctionDef) -> Iterator[Offer]:
    """A comparison that is off by one, or a condition the other way round."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        other = {
            ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
        }.get(type(node.ops[0]))  # fmt: skip
        if other is not None:
            says = "One of your comparisons is off by one: is the bound itself included?"
            yield "comparison", says, ast.Compare(node.left, [other()], node.comparators)
    if isinstance(node, ast.If | ast.IfExp):
        says = f"Your condition is never met, or isn't there: `{ast.unparse(node.test)}`."
        if kept := _kept(node):
            says = (
                "Your condition is never met, or isn't there, or you don't use what "
                f"`{kept}` returns: `{ast.unparse(node.test)}`."
            )
        changed = copy.deepcopy(node)
        changed.test = ast.Constant(False)
        yield "condition dropped", says, changed
        changed = copy.deepcopy(node)
        changed.test = ast.Constant(True)
        says = f"You do this always, not only under a condition: `{ast.unparse(node.test)}`."
        yield "always", says, changed


def _kept(node: ast.If | ast.IfExp) -> str:
    """The function whose result is kept under a condition; "" if something else happens there."""
    match node:
        case ast.If(body=[ast.Assign(value=ast.Call(func=ast.Name(name)))]):
            return name
    return ""


def reductions(node: ast.AST, owner: ast.FunctionDef) -> Iterator[Offer]:
    """A sum for a mean, the smaller for the larger, one direction for the other."""
    other = {"sum": "mean", "mean": "sum", "min": "max", "max": "min"}
    match node:
        case ast.Call(ast.Attribute(value, name), arguments, keywords) if name in other:
            new = ast.Call(ast.Attribute(value, other[name], ast.Load()), arguments, keywords)
            yield f"{other[name]}", f"You take the {other[name]} where the {name} belongs.", new
        case ast.Call(ast.Name("sum"), [values]):
            mean = ast.parse(f"(lambda v: sum(v) / len(v))(list({ast.unparse(values)}))").body[0]
            assert isinstance(mean, ast.Expr)
            yield "mean", "You take the mean where the sum belongs.", mean.value


def clamps(node: ast.AST, owner: ast.FunctionDef) -> Iterator[Offer]:
    """An intermediate result clamped to the range of an image."""
    match node:
        case ast.Assign([ast.Name() as target], value):
            clamped = ast.Call(
                ast.Attribute(value, "clamp", ast.Load()),
                [ast.Constant(-1), ast.Constant(1)],
                [],
            )
            says = (
                f"You've clamped {shown(target, _names(owner))} to [−1, 1] on the way. Leave it as "
                "it is."
            )
            yield "clamped", says, ast.Assign([target], clamped)


def constants(node: ast.AST, owner: ast.FunctionDef) -> Iterator[Offer]:
    """Another small number."""
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return
    value = node.value
    if not isinstance(value, int | float):  # a text, None, or the dots in x[..., 0]
        return
    others = {value + 1, value - 1} if isinstance(value, int) else {2 * value, value / 2}
    for other in sorted(others - {value}):
        if other >= 0:
            says = f"One of your numbers is off: you seem to use {other:g}, which isn't right."
            yield f"{other:g} for {value:g}", says, ast.Constant(other)


OPERATORS: tuple[Callable[[ast.AST, ast.FunctionDef], Iterator[Offer]], ...] = (
    roots,
    signs,
    orders,
    dropped,
    names,
    indices,
    comparisons,
    reductions,
    clamps,
    constants,
)
"""In the order of preference, should two mutants have the same values."""

REPEATED = (roots, names, indices)
"""Slips that somebody who makes them once may well make wherever there's an occasion."""

SEVERAL = {"root dropped": "It looks as if all the square roots are missing."}
"""Sentences for a slip that's made everywhere, where they aren't those for one place."""

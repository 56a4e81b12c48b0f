"""Which statements of a notebook a function needs: its definition, and all that leads to it.

A grade should not wait for figures, downloads and long demonstrations. Starting from the checked
functions' names, the statements that define or change a needed name are collected, and the names
that those use, until nothing is missing.
"""

import ast
import builtins
import contextlib
import re
import symtable
import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.submission.imports import one_name_each
from autograder.submission.magics import without_magics

BUILTINS = frozenset(dir(builtins))

ONLOOKERS = frozenset({"print", "display", "check", "help", "plt", "pset", "show"})
"""Calling these doesn't change their arguments."""


NOT_PYTHON = "is not valid Python"

DEFINITION = re.compile(r"^(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
"""The start of a function, in a cell that can't be parsed."""

DEMONSTRATIONS = ("pset.your_code()", "your_code()")
"""The contexts of the course's own figures."""


@dataclass(frozen=True)
class Statement:
    """One top-level statement.

    Args:
        node: its syntax tree.
        cell: index of its cell.
        defines: names that it binds, or changes in place.
        uses: global names that it needs, those in function bodies included.
    """

    node: ast.stmt
    cell: int
    defines: frozenset[str]
    uses: frozenset[str]

    @property
    def demonstrates(self) -> bool:
        """Whether it draws one of the course's figures, which try out students' functions."""
        return isinstance(self.node, ast.With) and any(
            ast.unparse(item.context_expr) in DEMONSTRATIONS for item in self.node.items
        )


@dataclass
class Parsed:
    """The cells of a notebook as Python, and a note on each that is none.

    Args:
        statements: in order.
        sources: of the cells that are Python, by number.
        notes: on those that are not.
        broken: function that such a cell begins to define → the note on the cell.
    """

    statements: list[Statement] = field(default_factory=list)
    sources: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


def parse(cells: Sequence[str]) -> Parsed:
    """Split cells into statements. A cell that isn't valid Python is left out, with a note.

    What magics and shell lines have become is left out without one.
    """
    parsed = Parsed()
    for k, cell in enumerate(cells):
        try:
            source, nodes = as_python(cell)
            nodes = [one for node in nodes if not is_skipped(node) for one in one_name_each(node)]
            parsed.statements += [_statement(node, k) for node in nodes]
            parsed.sources[k] = source
        except SyntaxError as error:
            line = (error.text or "").strip()[:80]
            parsed.notes.append(f"Code cell {k + 1} {NOT_PYTHON} ({error.msg}): {line}")
            parsed.broken |= dict.fromkeys(DEFINITION.findall(cell), parsed.notes[-1])
        except (ValueError, RecursionError, MemoryError) as error:
            parsed.notes.append(f"Code cell {k + 1} can't be read: {type(error).__name__}.")
    return parsed


def as_python(cell: str) -> tuple[str, list[ast.stmt]]:
    """A cell without IPython's extras, and its statements.

    Raises:
        SyntaxError: it is not Python all the same.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # don't warn about invalid escapes
        with contextlib.suppress(SyntaxError):  # most cells are plain Python
            return cell, ast.parse(cell).body
        source = without_magics(cell)
        return source, ast.parse(source).body


def is_skipped(node: ast.stmt) -> bool:
    """Whether this is what a magic or a shell line has become."""
    match node:
        case ast.Expr(ast.Call(ast.Attribute(ast.Call(ast.Name("get_ipython")), "skipped"))):
            return True
    return False


def needed(statements: Sequence[Statement], names: Iterable[str]) -> list[Statement]:
    """The statements that define or change the names, and all that those need, in order.

    A figure that happens to use a name again counts only where nothing else defines that name.
    """
    figures = {k for k, statement in enumerate(statements) if statement.demonstrates}
    elsewhere = set().union(*(s.defines for k, s in enumerate(statements) if k not in figures))
    binding: dict[str, list[int]] = defaultdict(list)
    for k, statement in enumerate(statements):
        for name in statement.defines - elsewhere if k in figures else statement.defines:
            binding[name].append(k)
    chosen: set[int] = set()
    known: set[str] = set()
    waiting = ["*", *names]  # a star import may bind any name
    while waiting:
        name = waiting.pop()
        if name in known:
            continue
        known.add(name)
        for k in set(binding[name]) - chosen:
            chosen.add(k)
            waiting += statements[k].uses
    return [statements[k] for k in sorted(chosen)]


def _statement(node: ast.stmt, cell: int) -> Statement:
    bound, used = _names(symtable.symtable(ast.unparse(node), "cell", "exec"))
    is_import = isinstance(node, ast.Import | ast.ImportFrom)
    if is_import and any(alias.name == "*" for alias in node.names):
        bound.add("*")
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        bound |= _changed(node)
    return Statement(node, cell, frozenset(bound), frozenset(used - BUILTINS))


def _names(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    """Global names that a piece of code binds, and those that it uses."""
    bound, used = set(), set()
    is_module = table.get_type() == "module"
    for symbol in table.get_symbols():
        if is_module or symbol.is_global():
            if symbol.is_assigned() or symbol.is_imported():
                bound.add(symbol.get_name())
            if symbol.is_referenced():
                used.add(symbol.get_name())
    for child in table.get_children():
        child_bound, child_used = _names(child)
        bound |= child_bound
        used |= child_used
    return bound, used


def _changed(node: ast.stmt) -> set[str]:
    """Names of objects that a statement changes in place: x[0] = …, x.append(…), shuffle(x)."""
    changed = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript | ast.Attribute) and isinstance(part.ctx, ast.Store):
            changed.add(_root(part))
        elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            call = part.value
            root = _root(call.func)
            if root in ONLOOKERS:
                continue
            if isinstance(call.func, ast.Attribute):  # also torch.set_default_dtype(…)
                changed.add(root)
            arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
            changed |= {a.id for a in arguments if isinstance(a, ast.Name)}
    return changed - {""}


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""

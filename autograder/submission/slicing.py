"""Which statements of a notebook a function needs: its definition, and all that leads to it.

A grade should not wait for figures, downloads and long demonstrations. Starting from the checked
functions' names, the statements that define or change a needed name are collected, and the names
that those use, until nothing is missing.
"""

import ast
import builtins
import contextlib
import symtable
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager

PYTHON_MAGICS = ("time", "timeit", "capture", "prun")
"""Cell magics below which there is ordinary Python."""

BUILTINS = frozenset(dir(builtins))

ONLOOKERS = frozenset({"print", "display", "check", "help", "plt", "pset", "show"})
"""Calls of these look at their arguments and do not change them."""


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
        """Whether it is one of the course's figures, which try out what students have written."""
        return isinstance(self.node, ast.With) and any(
            ast.unparse(item.context_expr) in DEMONSTRATIONS for item in self.node.items
        )


@dataclass
class Parsed:
    """The cells of a notebook as Python, and a note on each that is none."""

    statements: list[Statement] = field(default_factory=list)
    sources: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def parse(cells: Sequence[str]) -> Parsed:
    """Split cells into statements. A cell that is not valid Python is left out, with a note."""
    parsed = Parsed()
    for k, cell in enumerate(cells):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # an invalid escape is not worth a word
                source, nodes = as_python(cell)
                parsed.statements += [_statement(node, k) for node in nodes]
            parsed.sources[k] = source
        except SyntaxError as error:
            line = (error.text or "").strip()[:80]
            parsed.notes.append(f"Code cell {k + 1} is not valid Python ({error.msg}): {line}")
        except (ValueError, RecursionError, MemoryError) as error:
            parsed.notes.append(f"Code cell {k + 1} cannot be read: {type(error).__name__}.")
    return parsed


def as_python(cell: str) -> tuple[str, list[ast.stmt]]:
    """A cell without IPython's extras, and its statements.

    Magics and shell lines become calls of get_ipython().

    Raises:
        SyntaxError: it is not Python all the same.
    """
    with contextlib.suppress(SyntaxError):  # most cells are Python as they stand
        return cell, ast.parse(cell).body
    first, _, rest = cell.lstrip().partition("\n")
    if first.startswith("%%"):
        words = first[2:].split()
        cell = rest if words and words[0] in PYTHON_MAGICS else ""
    source = TransformerManager().transform_cell(cell)
    return source, ast.parse(source).body


def needed(statements: Sequence[Statement], names: Iterable[str]) -> list[Statement]:
    """The statements that define or change the names, and all that those need, in order.

    A figure that happens to use a name again counts only where nothing else defines that name.
    """
    wanted = set(names)
    figures = {k for k, statement in enumerate(statements) if statement.demonstrates}
    elsewhere = set().union(*(s.defines for k, s in enumerate(statements) if k not in figures))
    binds = [s.defines - elsewhere if k in figures else s.defines for k, s in enumerate(statements)]
    chosen: set[int] = set()
    while True:
        more = {
            k
            for k, statement in enumerate(statements)
            if k not in chosen and (binds[k] & wanted or "*" in statement.defines)
        }
        if not more:
            return [statements[k] for k in sorted(chosen)]
        chosen |= more
        for k in more:
            wanted |= statements[k].uses


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

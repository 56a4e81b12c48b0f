"""Find a function's dependencies: its own lines, and those of everything they refer to.

They're found in the source, across the modules of this repository, so that a change affects only
what depends on it: another check in the same file doesn't count.
"""

import ast
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from autograder.submission.slicing import Statement, parse

OURS = ("pset", "solutions")


class Module:
    """The statements of a module, or of the cells of a notebook, and what it imports.

    Args:
        name: its path in the repository, as a person knows it.
        text: its source.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._lines = text.splitlines()
        self.statements = [
            statement
            for statement in parse([text]).statements
            if not isinstance(statement.node, ast.Import | ast.ImportFrom)
        ]
        # Imports inside functions count as well; a name means one thing in all of a file.
        self.imports: dict[str, tuple[str, str | None]] = {}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.imports[alias.asname or alias.name.split(".")[0]] = (alias.name, None)
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = (node.module, alias.name)

    def naming(self, wanted: Callable[[ast.stmt], bool]) -> list[Statement]:
        """The statements for which `wanted` holds."""
        return [statement for statement in self.statements if wanted(statement.node)]

    def setting(self, name: str) -> list[Statement]:
        """The statements that set a name, or change its value in place."""
        return [statement for statement in self.statements if name in statement.defines]

    def text_of(self, statement: Statement) -> str:
        """A statement's lines, decorators included."""
        node = statement.node
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        return "\n".join(self._lines[first - 1 : node.end_lineno])


@cache
def module(name: str) -> Module | None:
    """One of our modules by its name with dots; None for what others have written."""
    if name.split(".")[0] not in OURS:
        return None
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:  # the last part is a name within a module
        return None
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin)
    file = name.replace(".", "/") + ("/__init__.py" if path.name == "__init__.py" else ".py")
    return Module(file, path.read_text(encoding="utf-8"))


def hashes_behind(roots: Iterable[tuple[Module, Iterable[Statement | str]]]) -> dict[str, str]:
    """File → a hash of those of its statements that the roots depend on.

    Args:
        roots: modules, with statements in them or the names that statements set. A name that none
            sets stands for the whole module.
    """
    behind: dict[str, dict[int, str]] = defaultdict(dict)
    waiting: list[tuple[Module, Statement]] = []
    for home, wanted in roots:
        for root in wanted:
            found = [root] if isinstance(root, Statement) else home.setting(root)
            waiting += [(home, statement) for statement in found or home.statements]
    while waiting:
        home, statement = waiting.pop()
        if statement.node.lineno in behind[home.name]:
            continue
        behind[home.name][statement.node.lineno] = home.text_of(statement)
        for name in _names(home, statement):
            waiting += _found(home, name)
        for name, attribute in _attributes(statement):
            if name in home.imports and (other := _as_module(home.imports[name])):
                waiting += _found(other, attribute)
    return {
        file: hashlib.sha256("\n".join(texts[k] for k in sorted(texts)).encode()).hexdigest()[:16]
        for file, texts in sorted(behind.items())
    }


def _found(home: Module, name: str) -> list[tuple[Module, Statement]]:
    """Where a name of a module is set: there, and where it is imported from."""
    found = [(home, statement) for statement in home.setting(name)]
    if name in home.imports:
        source, original = home.imports[name]
        other = module(source)
        found += _found(other, original) if other is not None and original else []
    return found


def _names(home: Module, statement: Statement) -> set[str]:
    """The names that a statement reads from its module or imports itself."""
    plain = {node.id for node in ast.walk(statement.node) if isinstance(node, ast.Name)}
    return statement.uses | (plain & home.imports.keys())


def _attributes(statement: Statement) -> set[tuple[str, str]]:
    """`pset.noise` as ("pset", "noise"), for all names with a dot."""
    return {
        (node.value.id, node.attr)
        for node in ast.walk(statement.node)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def _as_module(imported: tuple[str, str | None]) -> Module | None:
    source, name = imported
    return module(source if name is None else f"{source}.{name}")

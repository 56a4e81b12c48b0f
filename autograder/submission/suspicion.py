"""What looks like an attempt to get around the grader. For the instructor alone.

None of it is a proof, and nothing of it changes a mark: what was tried has failed, or isolation
would have said so. It is worth a look.
"""

import ast
import contextlib
from collections.abc import Iterable, Sequence

from autograder.submission.slicing import as_python
from autograder.text import printable

MODULES = {"ctypes", "gc", "multiprocessing", "ptrace", "signal", "socket", "subprocess"}
LIBRARIES = {"torch", "np", "numpy", "pset", "builtins", "__builtins__", "autograder"}
ATTRIBUTES = {
    "__code__",
    "__subclasses__",
    "_exit",
    "_getframe",
    "ast_transformers",
    "f_back",
    "f_globals",
    "fork",
    "get_objects",
    "getsource",
    "kill",
    "killpg",
    "settrace",
}
METHODS = {"__array_ufunc__", "__eq__", "__torch_dispatch__", "__torch_function__"}
WORDS = (
    "/proc/",
    "course-secret",
    "gradebook.db",
    "HIDDEN TESTS",
    "PSET_REFERENCES",
    "PSET_SECRET",
    "results.json",
    "sitecustomize",
    "solutions/",
)
MOST, LONGEST = 20, 160


def suspicious_code(cells: Sequence[str]) -> list[str]:
    """What in a notebook's code is worth a look, each in a line. Runs in the sandbox."""
    found: dict[str, None] = {}
    for k, cell in enumerate(cells):
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            for what in _in(ast.Module(as_python(cell)[1], [])):
                found[f"code cell {k + 1} {what}"] = None
    return as_lines(found)


def as_lines(found: Iterable[str]) -> list[str]:
    """A bounded number of bounded lines that may be shown."""
    return [printable(line)[:LONGEST] for line in found][:MOST]


def _in(statement: ast.AST) -> Iterable[str]:
    for node in ast.walk(statement):
        match node:
            case ast.Import(names=names):
                yield from (f"imports {n.name}" for n in names if _is_for_few(n.name))
            case ast.ImportFrom(module=str(module)) if _is_for_few(module):
                yield f"imports {module}"
            case ast.Attribute(ctx=ast.Store()) if _changes_a_library(node):
                yield f"changes {ast.unparse(node)}"
            case ast.Call(func=ast.Name("setattr"), args=[ast.Name(name), *_]) if name in LIBRARIES:
                yield f"changes {name}"
            case ast.Subscript(ctx=ast.Store()) if ast.unparse(node).startswith("sys.modules"):
                yield "changes sys.modules"
            case ast.Attribute(attr=attribute) if attribute in ATTRIBUTES:
                yield f"uses {attribute}"
            case ast.FunctionDef(name=name) if name in METHODS:
                yield f"defines {name}"
            case ast.Constant(value=str(text)):
                yield from (f"mentions {word}" for word in WORDS if word in text)


def _is_for_few(module: str) -> bool:
    """Whether no exercise needs a module; the checks' own helpers hold answers."""
    return _top(module) in MODULES or module.startswith("pset.checks")


def _top(module: str) -> str:
    return module.split(".")[0]


def _changes_a_library(node: ast.Attribute) -> bool:
    """torch.allclose = …, but not torch.backends.….benchmark = …, which is a setting."""
    name = ast.unparse(node)
    return _top(name) in LIBRARIES and ".backends." not in name

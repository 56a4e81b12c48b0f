"""What in a notebook looks like an attempt to get around the grader. For the instructor alone.

None of it is a proof, and nothing of it changes a mark: what was tried has failed, or isolation
would have said so. It is worth a look.
"""

import ast
from collections.abc import Iterable, Mapping, Sequence

from autograder.submission.slicing import parse
from autograder.text import printable
from pset.checks.calling import Outcome

MODULES = {"ctypes", "gc", "multiprocessing", "ptrace", "signal", "socket", "subprocess"}
LIBRARIES = {"torch", "np", "numpy", "pset", "builtins", "__builtins__", "autograder"}
ATTRIBUTES = {
    "__subclasses__",
    "_exit",
    "_getframe",
    "ast_transformers",
    "f_back",
    "f_globals",
    "fork",
    "get_objects",
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
REFUSED = ("PermissionError", "Operation not permitted", "Its process ended", "Its process sent")
MOST, LONGEST = 20, 160


def suspicions(
    cells: Sequence[str], outcomes: Mapping[str, Sequence[Outcome]], notes: Sequence[str] = ()
) -> list[str]:
    """What is worth a look, each in a line.

    Args:
        cells: the code of a notebook.
        outcomes: exercise → what came of its calls.
        notes: on cells that could not be run.
    """
    found: dict[str, None] = {}
    for statement in parse(cells).statements:
        for what in _in(statement.node):
            found[f"code cell {statement.cell + 1} {what}"] = None
    said = [f"{e}: {outcome.error}" for e, those in outcomes.items() for outcome in those]
    for text in (*said, *notes):
        if any(word in text for word in REFUSED):
            found[" ".join(text.split())] = None
    return [printable(line)[:LONGEST] for line in found][:MOST]


def _in(statement: ast.AST) -> Iterable[str]:
    for node in ast.walk(statement):
        match node:
            case ast.Import(names=names):
                yield from (f"imports {n.name}" for n in names if _top(n.name) in MODULES)
            case ast.ImportFrom(module=str(module)) if _top(module) in MODULES:
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


def _top(module: str) -> str:
    return module.split(".")[0]


def _changes_a_library(node: ast.Attribute) -> bool:
    """torch.allclose = …, but not torch.backends.….benchmark = …, which is a setting."""
    name = ast.unparse(node)
    return _top(name) in LIBRARIES and ".backends." not in name

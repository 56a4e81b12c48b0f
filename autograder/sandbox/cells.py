"""Run a notebook's statements one by one, so that a failing one affects only what depends on it.

Real notebooks are full of statements that fail elsewhere: `drive.mount`, `files.upload`, a package
installed with a magic, a restart of the runtime. None of them should cost an exercise that doesn't
depend on it. If one does, the feedback should name it.
"""

import __future__

import ast
import inspect
import linecache
from collections.abc import Callable, Collection, Coroutine, Iterable
from pathlib import Path
from typing import Any, NoReturn

from autograder.sandbox.absent import Absent, module_of, stand_in
from autograder.sandbox.leaving import no_way_out
from autograder.sandbox.shell import Nothing, ignore
from autograder.submission.slicing import Parsed, Statement
from pset.checks import calling

calling.NOT_THEIRS.append(str(Path(__file__).parent))

# Type hints aren't evaluated here, so names that occur only in hints may be missing.
FLAGS = __future__.annotations.compiler_flag | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

RESTART = "do_shutdown"
"""In `get_ipython().kernel.do_shutdown(True)`. There's no kernel here to restart."""


class NotDefined(Exception):
    """The function called was never defined, because its cell failed."""


class Cells:
    """The cells of a notebook, and what happened when they ran.

    Args:
        parsed: its statements.
        functions: the ones that will be called.
        namespace: where it runs.

    Attributes:
        notes: about what couldn't be run, for the feedback.
        absent: modules that couldn't be imported.
    """

    def __init__(
        self, parsed: Parsed, functions: Collection[str], namespace: dict[str, Any]
    ) -> None:
        self._parsed, self._functions, self._namespace = parsed, frozenset(functions), namespace
        self._failed: set[int] = set()
        self.notes = list(parsed.notes)
        self.absent: list[str] = []
        namespace |= {"get_ipython": Nothing, "display": ignore}

    def run(self, statements: Iterable[Statement]) -> None:
        """Run statements in order; go on after one that fails.

        Raises:
            OutOfTime, EndlessOutput: a limit was reached.
        """
        for name in self._functions & self._parsed.broken.keys():
            note = self._parsed.broken[name]
            said = f"{name} was never defined: {note[0].lower()}{note[1:]}"
            self._namespace.setdefault(name, _explaining(said, None))
        with no_way_out():
            for statement in statements:
                try:
                    self._execute(statement)
                except (calling.OutOfTime, calling.EndlessOutput):
                    raise
                except SystemExit:
                    self._lacks(statement, NotDefined("the program ended there"))
                except BaseException as error:
                    self._note(statement, error)
                    self._lacks(statement, error)

    def _execute(self, statement: Statement) -> None:
        filename = f"code cell {statement.cell + 1}"
        if filename not in linecache.cache:  # so that errors can show their line
            source = self._parsed.sources[statement.cell]
            linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        tree = ast.Module([statement.node], [])
        code = compile(tree, filename, "exec", FLAGS, dont_inherit=True)
        if code.co_flags & inspect.CO_COROUTINE:
            _finish(eval(code, self._namespace))
        else:
            exec(code, self._namespace)
        if "get_ipython" in statement.defines:  # IPython's own returns None here
            self._namespace["get_ipython"] = Nothing

    def _note(self, statement: Statement, error: BaseException) -> None:
        cell, node = f"Code cell {statement.cell + 1}", statement.node
        absent = error.name if isinstance(error, ModuleNotFoundError) else None
        if isinstance(error, Exception) and module_of(node):
            absent = stand_in(node, error, self._namespace)
        if absent is not None:
            if absent not in self.absent:
                self.absent.append(absent)
                self.notes.append(
                    f"{cell} imports {absent}, which isn't available when your notebook is graded. "
                    "Everything that doesn't need it ran anyway."
                )
        elif statement.cell not in self._failed and RESTART not in ast.unparse(node):
            self._failed.add(statement.cell)  # later failures in this cell mostly follow from it
            self.notes.append(f"{cell} stopped with {calling.explain(error)}")

    def _lacks(self, statement: Statement, error: BaseException) -> None:
        """Bind the names a failed statement should have defined, so that using them says why."""
        absent = error.name if isinstance(error, ModuleNotFoundError) else None
        for name in statement.defines - {"*"}:
            if name in self._functions:
                said = f"{name} was never defined: code cell {statement.cell + 1} stopped with "
                lacking: Any = _explaining(said + calling.explain(error), absent)
            elif absent:
                lacking = Absent(absent, str(error), ModuleNotFoundError)
            else:
                continue
            self._namespace.setdefault(name, lacking)


def _explaining(text: str, absent: str | None) -> Callable[..., NoReturn]:
    def explain(*arguments: object, **options: object) -> NoReturn:
        raise ModuleNotFoundError(text, name=absent) if absent else NotDefined(text)

    return explain


def _finish(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Run a cell's coroutine, as far as it goes without an event loop (which needs sockets)."""
    try:
        while (waits_for := coroutine.send(None)) is None:
            pass
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError(f"a cell can't await {type(waits_for).__name__} during grading")

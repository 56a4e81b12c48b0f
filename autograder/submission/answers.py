"""The code of a student's answers: each function with what it needs, as it was written.

Runs in the sandbox, because it parses what students hand in. What comes out is plain text.
"""

import ast
from collections.abc import Sequence

from autograder.submission.notebook import MAX_ANSWER_CODE
from autograder.submission.slicing import Statement, needed, parse


def answers(cells: Sequence[str], functions: Sequence[str]) -> dict[str, str]:
    """Function → its lines and those of everything it needs but imports; "" if it isn't there.

    Args:
        cells: the code cells of a notebook.
        functions: that the exercises ask for.
    """
    parsed = parse(cells)
    lines = {cell: _split(source) for cell, source in parsed.sources.items()}
    return {
        name: "\n\n".join(
            "\n".join(_lines(statement, lines[statement.cell]))
            for statement in needed(parsed.statements, [name])
            if statement.cell in lines and _is_written(statement)
        )[:MAX_ANSWER_CODE]
        for name in functions
    }


def _split(source: str) -> list[str]:
    """A cell's lines as Python counts them; `str.splitlines` knows more ends of a line."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _is_written(statement: Statement) -> bool:
    """Whether it is code of an answer, and neither an import nor one of the course's figures."""
    return not (statement.demonstrates or isinstance(statement.node, ast.Import | ast.ImportFrom))


def _lines(statement: Statement, lines: Sequence[str]) -> Sequence[str]:
    node = statement.node
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    return lines[first - 1 : node.end_lineno]

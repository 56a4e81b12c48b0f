"""Imports, one name at a time: a module that isn't there costs the names that come from it."""

import ast
from collections.abc import Iterator


def one_name_each(node: ast.stmt) -> Iterator[ast.stmt]:
    """Split `import pandas as pd, torch` into two statements; keep anything else."""
    if not isinstance(node, ast.Import | ast.ImportFrom) or len(node.names) == 1:
        yield node
        return
    for alias in node.names:
        if isinstance(node, ast.Import):
            one: ast.stmt = ast.Import([alias])
        else:
            one = ast.ImportFrom(node.module, [alias], node.level)
        yield ast.copy_location(one, node)

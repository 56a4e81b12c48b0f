"""Replace a module that can't be imported by a placeholder that fails only when it's used.

A notebook imports more than its checked functions use: `google.colab`, a plotting library, one
that its author tried and dropped. So a failed import binds its name to a placeholder, and using
that raises the import's own error.
"""

import ast
import importlib
from typing import Any, NoReturn


class Absent:
    """A placeholder for a module, or for a name from one. Using it raises an ImportError.

    Args:
        module: what can't be imported, such as "google.colab".
        reason: the import's own message.
        error: which ImportError: `ModuleNotFoundError` if the module isn't there at all.
    """

    def __init__(self, module: str, reason: str, error: type[ImportError]) -> None:
        self.__dict__.update(_module=module, _reason=reason, _error=error)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # `inspect` and others only look
            raise AttributeError(name)
        self._fail()

    def _fail(self, *arguments: object, **options: object) -> NoReturn:
        about = self.__dict__
        raise about["_error"](about["_reason"], name=about["_module"])

    __call__ = __getitem__ = __setattr__ = __iter__ = __enter__ = __mro_entries__ = _fail

    def __exit__(self, *error: object) -> None:
        """Never reached, but `with` requires it."""


def module_of(node: ast.stmt) -> str:
    """The module that a single-name import asks for; empty if this isn't one."""
    match node:
        case ast.Import(names=[alias]):
            return alias.name
        case ast.ImportFrom(module=str(module), level=0):
            return module
    return ""


def stand_in(node: ast.stmt, error: Exception, namespace: dict[str, Any]) -> str | None:
    """Bind the name of a failed import to a placeholder.

    Args:
        node: a statement that imports one name.
        error: why it failed.
        namespace: the notebook's.

    Returns:
        The module that's absent; None if the statement isn't an import, or the module is there
        but lacks a name.
    """
    module = module_of(node)
    if not module:
        return None
    assert isinstance(node, ast.Import | ast.ImportFrom)
    (alias,) = node.names
    is_there = isinstance(error, ImportError) and str(error).startswith("cannot import name")
    absent = (getattr(error, "name", None) if isinstance(error, ImportError) else None) or module
    reason = str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
    name = alias.asname or alias.name
    if isinstance(node, ast.Import) and not alias.asname and "." in alias.name:
        name = alias.name.split(".")[0]
        if (top := _imported(name)) is not None:  # `import scipy.nothing` still imports scipy
            namespace[name] = top
            return absent
    if name != "*":
        kind = ImportError if is_there else ModuleNotFoundError
        namespace[name] = Absent(absent, reason, kind)
    return None if is_there else absent


def _imported(name: str) -> object | None:
    try:
        return importlib.import_module(name)
    except Exception:
        return None

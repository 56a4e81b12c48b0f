"""What stands for a module that can't be imported here, until somebody needs it.

A notebook imports more than its checked functions use: `google.colab`, a plotting library, one
that its author tried and dropped. So an import that fails leaves a stand-in under its name, and
whatever uses that gets the import's own error.
"""

import ast
import importlib
from typing import Any, NoReturn


class Absent:
    """Stands for a module, or for a name from one. Every use of it raises an ImportError.

    Args:
        module: what can't be imported, such as "google.colab".
        reason: the import's own words.
        error: which ImportError: `ModuleNotFoundError` where the module isn't there at all.
    """

    def __init__(self, module: str, reason: str, error: type[ImportError]) -> None:
        self.__dict__.update(_module=module, _reason=reason, _error=error)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # whoever looks round, such as `inspect`, is no user
            raise AttributeError(name)
        self._fail()

    def _fail(self, *arguments: object, **options: object) -> NoReturn:
        about = self.__dict__
        raise about["_error"](about["_reason"], name=about["_module"])

    __call__ = __getitem__ = __setattr__ = __iter__ = __enter__ = __mro_entries__ = _fail

    def __exit__(self, *error: object) -> None:
        """Never reached; a context manager needs one to be entered at all."""


def module_of(node: ast.stmt) -> str:
    """The module that an import of one name asks for; empty if this is no such import."""
    match node:
        case ast.Import(names=[alias]):
            return alias.name
        case ast.ImportFrom(module=str(module), level=0):
            return module
    return ""


def stand_in(node: ast.stmt, error: Exception, namespace: dict[str, Any]) -> str | None:
    """Bind the name of an import that failed to a stand-in.

    Args:
        node: an import of one name, as a statement.
        error: why it failed.
        namespace: of the notebook.

    Returns:
        The module that is absent; None if the statement is no import, or the module is there and
        lacks a name.
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
        if (top := _imported(name)) is not None:  # `import scipy.nothing` still gives scipy
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

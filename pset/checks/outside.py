"""Which of a notebook's variables a function uses that it wasn't given as arguments.

A function that reads the notebook's `model` instead of its own argument works on the notebook's
pictures, and fails on every other model.
"""

from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

MOST_FUNCTIONS = 50
HARMLESS = (ModuleType, type, FunctionType, BuiltinFunctionType, str, bool, type(None))


def outside(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names of the global variables that it uses, or a function it calls, in alphabetical order.

    Modules, classes and functions don't count, nor do constants: names in capitals.
    """
    found: set[str] = set()
    todo, seen = [function], set()
    while todo and len(seen) < MOST_FUNCTIONS:
        current = todo.pop()
        if not isinstance(current, FunctionType) or current in seen:
            continue
        seen.add(current)
        for name in _names(current.__code__):
            value = current.__globals__.get(name)
            if isinstance(value, FunctionType) and value.__globals__ is current.__globals__:
                todo.append(value)
            elif name in current.__globals__ and not _is_harmless(name, value):
                found.add(name)
    return tuple(sorted(found))


def _is_harmless(name: str, value: Any) -> bool:
    return name.isupper() or name.startswith("_") or issubclass(type(value), HARMLESS)


def _names(code: CodeType) -> Iterator[str]:
    """Global names in code and in the functions defined inside it; attributes may be among them."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)

"""Deliberately wrong variants of the solutions, one for each known mistake.

`mistake(exercise, key)` registers a variant under the key in the check's definition. The references
contain what each variant returns, and a student's answers are compared with that.
"""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

Variant = Callable[..., Any]

_REGISTERED: dict[str, dict[str, Variant]] = {}


def mistake(exercise: str, *keys: str) -> Callable[[Variant], Variant]:
    """Register a function as the variant of `exercise` that makes these mistakes."""

    def register(function: Variant) -> Variant:
        for key in keys:
            _REGISTERED.setdefault(exercise, {})[key] = function
        return function

    return register


def mistakes_of(exercise: str) -> dict[str, Variant]:
    """The wrong variants of one exercise, by key."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return dict(_REGISTERED.get(exercise, {}))

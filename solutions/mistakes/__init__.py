"""Deliberately wrong variants, one for each known mistake of a check.

A module per notebook. `mistake(exercise, key)` registers a variant under the key that the check's
definition uses; the grader computes what each of them returns and compares a student's answers.
"""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

Variant = Callable[..., Any]

_REGISTERED: dict[str, dict[str, Variant]] = {}


def mistake(exercise: str, *keys: str) -> Callable[[Variant], Variant]:
    """Register a function as what `exercise` gives when the mistake `key` is made."""

    def register(function: Variant) -> Variant:
        for key in keys:
            _REGISTERED.setdefault(exercise, {})[key] = function
        return function

    return register


def mistakes_of(exercise: str) -> dict[str, Variant]:
    """Key → wrong variant, for one exercise."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return dict(_REGISTERED.get(exercise, {}))

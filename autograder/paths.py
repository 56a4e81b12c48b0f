"""Paths in a checkout. Imports nothing large, because the sandbox loads it first."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
"""The folder `autograder/`."""

ROOT = PACKAGE.parent
"""The checkout, with `solutions/`, `assets/` and `course.toml`."""

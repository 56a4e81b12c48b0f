"""Where things lie in a checkout. Imports nothing large: the sandbox reads it first of all."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
"""The folder `autograder/`."""

ROOT = PACKAGE.parent
"""The checkout: `solutions/`, `assets/` and `course.toml` lie in it."""

"""The checks: one definition each, for the notebook, for nbgrader and for the grader.

`definition` says what a check is, `denoising` and `sampling` define those of 1.1 to 1.6, `given`
makes what they hand to a function, `calling` runs a student's function, `judging` forms a verdict
from plain tensors, `references` reads and writes expected values, `report` puts a verdict into
words and pictures, `notebook` is `check(...)`.
"""

from pset.checks import denoising, sampling
from pset.checks.definition import Check

ALL_CHECKS: dict[str, Check] = {
    check.exercise: check for check in (*denoising.CHECKS, *sampling.CHECKS)
}
"""Every check by its exercise, in the order of the course."""

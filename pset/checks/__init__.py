"""The checks: one definition each, for the notebook, for nbgrader and for the grader.

`definition` says what a check is; `denoising`, `sampling`, `editing`, `illusions` and `upsampling`
define those of the course. `given` makes what they hand to a function, `calling` runs a student's
function, `own_work` says which functions that one may not call, `judging` forms a verdict from
plain tensors, `references` reads and writes expected values, `report` puts a verdict into words and
pictures, `reading` knows what to read then, `notebook` is `check(...)`.
"""

from pset.checks import denoising, editing, illusions, sampling, upsampling
from pset.checks.definition import Check

ALL_CHECKS: dict[str, Check] = {
    check.exercise: check
    for topic in (denoising, sampling, editing, illusions, upsampling)
    for check in topic.CHECKS
}
"""Every check by its exercise, in the order of the course."""

"""The checks. Each is defined once, for the notebook, nbgrader and the grader.

`definition` says what a check is, and `topics/` defines the course's, a file for each topic: cases,
known mistakes, what to review. `inputs` draws the tensors that are passed to a student's function,
`stand_ins` builds the models and functions, `calling` calls it, `own_work` limits what it may call,
`judging` turns its answers into a verdict, `references` reads and writes the expected values,
`report` shows a verdict as text or HTML, and `notebook` is `check(...)`.
"""

from pset.checks.definition import Check
from pset.checks.topics import (
    denoising,
    editing,
    illusions,
    inverse_problems,
    sampling,
    strokes_and_video,
    upsampling,
)

ALL_CHECKS: dict[str, Check] = {
    check.exercise: check
    for topic in (
        denoising,
        sampling,
        editing,
        illusions,
        upsampling,
        strokes_and_video,
        inverse_problems,
    )
    for check in topic.CHECKS
}
"""Every check by exercise, in the order of the course."""

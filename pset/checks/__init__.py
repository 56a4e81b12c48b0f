"""The checks. Each is defined once, for the notebook, nbgrader and the grader.

`definition` says what a check is, and `topics/` defines the course's, a file for each topic: cases,
known mistakes, what to review. `inputs` draws the tensors that are passed to a student's function,
`stand_ins` builds the models and functions, `calling` calls it, `own_work` limits what it may call,
`judging` turns its answers into a verdict, `references` reads and writes the expected values,
`report` shows a verdict as text or HTML, and `notebook` is `check(...)`.
"""

import re
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from pset.checks import topics
from pset.checks.definition import Check


def _place(topic: ModuleType) -> list[int]:
    """A topic's place in the course: the number of its first exercise."""
    return [int(number) for number in re.findall(r"\d+", topic.CHECKS[0].exercise)]


_topics = [
    import_module(f"{topics.__name__}.{module.name}") for module in iter_modules(topics.__path__)
]

ALL_CHECKS: dict[str, Check] = {
    check.exercise: check for topic in sorted(_topics, key=_place) for check in topic.CHECKS
}
"""Every check by exercise, in the order of the course."""

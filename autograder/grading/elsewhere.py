"""Explain why a function that works for its author fails in the grader.

The explanation goes in front of the error, and also says whose fault it is: a library that the
course allows is the instructor's to install.
"""

from autograder.course.libraries import Libraries
from pset.checks.calling import Outcome

GPU = (
    "Your code asks for a GPU, but there isn't one when it's graded. Use the device of your "
    "function's arguments, such as `x_t.device`, and it will run anywhere."
)
COLAB = (
    "Your function needs {module}, which exists only in Colab. Write it so that it uses only its "
    "arguments."
)
OURS = (
    "Your notebook imports {module}, which you may use, but which this grader doesn't have. That's "
    "not your mistake: your instructor can see it, and can grade your work again once it's there."
)
NOT_ALLOWED = (
    "Your notebook imports {module}, which the grader doesn't have. Write this without it: you may "
    "use Python's own library, `pset` and {libraries}. If it's a file of your own, copy its code "
    "into the notebook."
)
FILES = (
    "Your function opens a file that isn't there when it's graded. Write it so that it uses only "
    "its arguments."
)
INPUT = "Your function waits for input(), but nobody's there to type when it's graded."

WORDS = {
    "CUDA": GPU,
    "NVIDIA": GPU,
    "NoGPU": GPU,
    "FileNotFoundError": FILES,
    "input() doesn't work while": INPUT,
}
"""Text in an error → what it means."""


def why(outcome: Outcome, libraries: Libraries) -> str:
    """What the function is missing here; empty if it fails for another reason.

    Args:
        outcome: of its call.
        libraries: that the course allows.
    """
    if outcome.status != "raised":
        return ""
    if outcome.absent:
        return _about(outcome.absent, libraries)
    return next((says for word, says in WORDS.items() if word in outcome.error), "")


def lacking(modules: list[str], libraries: Libraries) -> list[str]:
    """The missing libraries that the course allows, so that the instructor should install them."""
    return sorted({module.split(".")[0] for module in modules if libraries.owes(module)})


def _about(module: str, libraries: Libraries) -> str:
    if libraries.owes(module):
        return OURS.format(module=module)
    if module.split(".")[:2] == ["google", "colab"]:
        return COLAB.format(module=module)
    return NOT_ALLOWED.format(module=module, libraries=libraries.in_words)

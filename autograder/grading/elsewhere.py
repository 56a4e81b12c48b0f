"""Why a function may run at home and fail here: what the grader lacks that its author had.

A sentence for the student, put in front of the error itself. Whose fault it is, is said as well: a
library that the course allows is the instructor's to install.
"""

from autograder.course.libraries import Libraries
from pset.checks.calling import Outcome

GPU = (
    "Your code asks for a GPU, and there is none when it's graded. Use the device of what your "
    "function is given, such as `x_t.device`, and it runs anywhere."
)
COLAB = (
    "Your function needs {module}, which exists only in Colab. Write it so that it uses only what "
    "it is given."
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
    "what it is given."
)
INPUT = "Your function waits for input(), and nobody is there to type when it's graded."

WORDS = {
    "CUDA": GPU,
    "NVIDIA": GPU,
    "NoGPU": GPU,
    "FileNotFoundError": FILES,
    "there is nobody to answer input()": INPUT,
}
"""What is in an error → what it means."""


def why(outcome: Outcome, libraries: Libraries) -> str:
    """What the function had at home and lacks here; empty if it fails for a reason of its own.

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
    """The libraries among these absent modules that the course allows: the instructor's to get."""
    return sorted({module.split(".")[0] for module in modules if libraries.owes(module)})


def _about(module: str, libraries: Libraries) -> str:
    if libraries.owes(module):
        return OURS.format(module=module)
    if module.split(".")[:2] == ["google", "colab"]:
        return COLAB.format(module=module)
    return NOT_ALLOWED.format(module=module, libraries=libraries.in_words)

"""The assignment in an archive: precomputed hidden values, and no solutions."""

from pathlib import Path

from pydantic import BaseModel

from autograder.errors import CommandError
from autograder.grading.assignment import Assignment

FOLDER = "hidden"
"""In the archive's root. Student code can't read it (see `autograder.sandbox.layers.view`)."""

FILE = "assignment.json"


class Packed(BaseModel):
    """What the archive knows about its assignment.

    Args:
        name: "01_denoising".
        exercises, questions: of it, in order, with their points.
        seed: the hidden one.
        key: of `Assignment`.
        trusted: grade even if student code can't be isolated.
    """

    name: str
    exercises: dict[str, float]
    questions: dict[str, float]
    seed: int
    key: str
    trusted: bool = False

    def assignment(self, folder: Path) -> Assignment:
        """Ready for judging, with the references in `folder`."""
        return Assignment.load(folder, self.seed, self.exercises, self.questions, self.key)


def read_packed(folder: Path) -> Packed:
    """Read the assignment from an archive's folder.

    Raises:
        CommandError: it's missing or damaged.
    """
    try:
        return Packed.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(
            f"{folder / FILE} can't be read ({error}). Build the archive again with "
            "`python -m autograder gradescope`, and upload it."
        ) from error

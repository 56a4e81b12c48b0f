"""An assignment as it travels in an archive: hidden values ready made, and no solutions."""

from pathlib import Path

from pydantic import BaseModel

from autograder.errors import CommandError
from autograder.grading.assignment import Assignment

FOLDER = "hidden"
"""In the archive's root. Student code may not read it (see `autograder.sandbox.layers.view`)."""

FILE = "assignment.json"


class Packed(BaseModel):
    """What the archive knows of its assignment.

    Args:
        name: "01_denoising".
        exercises, questions: of it, in order.
        seed: the hidden one.
        key: of `Assignment`.
        trusted: grade even where student code cannot be kept apart.
    """

    name: str
    exercises: list[str]
    questions: list[str]
    seed: int
    key: str
    trusted: bool = False

    def assignment(self, folder: Path) -> Assignment:
        """Ready for judging, with the references in `folder`."""
        return Assignment.load(folder, self.seed, self.exercises, self.questions, self.key)


def read_packed(folder: Path) -> Packed:
    """Read what an archive knows.

    Raises:
        CommandError: it is not there, or damaged.
    """
    try:
        return Packed.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(
            f"{folder / FILE} cannot be read ({error}). Make the archive again with "
            "`python -m autograder gradescope`, and upload it."
        ) from error

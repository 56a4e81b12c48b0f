"""Write the skeleton of a new exercise: its check, notebook cells, mistakes and right answers."""

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.errors import CommandError
from autograder.paths import ROOT
from pset.course import read_course
from pset.files import write_whole

templates = Environment(
    loader=PackageLoader("autograder", "templates/new_exercise"),
    undefined=StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
)
NAME = re.compile(r"[a-z][a-z0-9_]*")
CHECKS = re.compile(r"^CHECKS = \((.*?),?\s*\)$", re.MULTILINE | re.DOTALL)
COURSE = "course.toml"


@dataclass(frozen=True)
class NewExercise:
    """An exercise to be.

    Args:
        exercise: "9.1".
        function: the name of the function that students will write.
        title: for headings.
        topic: the module of its check, its mistakes and its right answers.
        notebook: the assignment that it's in.
        points: for a right answer.
    """

    exercise: str
    function: str
    title: str
    topic: str
    notebook: str
    points: float

    @property
    def files(self) -> dict[str, str]:
        """Path → template, in the order in which a person fills them in."""
        return {
            f"solutions/{self.notebook}.py": "notebook.py.jinja",
            f"pset/checks/topics/{self.topic}.py": "topic.py.jinja",
            f"solutions/mistakes/{self.topic}.py": "mistakes.py.jinja",
            f"solutions/variants/{self.topic}.py": "variants.py.jinja",
        }


def write_new_exercise(new: NewExercise, root: Path = ROOT) -> list[str]:
    """Write the skeleton, all of it or nothing, and return the names of the files.

    A file that's there already gets an addition: the cells at its end, the check to its `CHECKS`.

    Raises:
        CommandError: a name can't be used, or the exercise exists.
    """
    _examine(new, root)
    texts = {name: _with_skeleton(root / name, t, new) for name, t in new.files.items()}
    texts[COURSE] = _with_points((root / COURSE).read_text(encoding="utf-8"), new)
    for name, text in texts.items():
        write_whole(root / name, text.encode())
    return list(texts)


def next_steps(new: NewExercise) -> list[str]:
    """What a person does after that, in order."""
    notebook, topic, mistakes, variants = new.files
    only = f"python -m autograder references --exercise {new.exercise}"
    return [
        f"{notebook}: write the text, and the solution between its marks.",
        f"{topic}: choose the cases, name the mistakes, and say what to review.",
        f"{mistakes}: make each of these mistakes.",
        f"{variants}: write at least four other right answers, without looking at the solution.",
        f"Run `{only}`. It says what's missing or can't be told apart; repeat until it passes.",
        "Run `python -m autograder release`, which writes the student notebook.",
        f"Run `python -m autograder execute {new.notebook}`, then `python -m autograder figures`, "
        "and look at the pictures.",
        "Run `pytest tests/pset/checks tests/course`, then commit all of it.",
    ]


def _examine(new: NewExercise, root: Path) -> None:
    """Refuse what can't become an exercise.

    Raises:
        CommandError: says why, and what to do.
    """
    if not re.fullmatch(r"\d+\.\d+", new.exercise):
        raise CommandError(
            f"{new.exercise!r} isn't the number of an exercise. Write it as 9.1.", usage=True
        )
    for name in (new.function, new.topic):
        if not NAME.fullmatch(name) or keyword.iskeyword(name):
            raise CommandError(
                f"{name!r} can't be the name of a function or a module. Use lower-case letters, "
                "digits and underscores.",
                usage=True,
            )
    if not new.title.strip() or not new.title.isprintable() or set(new.title) & set('"\\'):
        raise CommandError(
            f"{new.title!r} can't be a title: it must be one line, without quotation marks and "
            "backslashes.",
            usage=True,
        )
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", new.notebook):
        raise CommandError(
            f"{new.notebook!r} can't be a notebook's name. Begin with its number, as in "
            "09_blending.",
            usage=True,
        )
    if new.exercise in read_course(root / COURSE)["points"]:
        raise CommandError(
            f"There is an exercise {new.exercise} already: course.toml gives points for it. "
            "Choose another number.",
            usage=True,
        )


def _with_skeleton(path: Path, template: str, new: NewExercise) -> str:
    """A file's text with the skeleton in it; a new one if there's no such file."""
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    constant = new.function.upper()
    skeleton = templates.get_template(template).render(
        is_new=not before,
        exercise=new.exercise,
        function=new.function,
        title=new.title,
        constant=constant,
        rule=f"# --- {new.exercise} {new.function} ".ljust(99, "-"),
    )
    if not before:
        return skeleton
    if template != "topic.py.jinja":
        blank = "\n" if path.parent.name == "solutions" else "\n\n"
        return f"{before.rstrip()}\n{blank}{skeleton.strip()}\n"
    listed = CHECKS.search(before)
    if listed is None:
        raise CommandError(f"{path} has no line CHECKS = (…) that the check could be added to.")
    checks = f"CHECKS = ({listed[1]}, {constant})"
    return f"{before[: listed.start()]}{skeleton.strip()}\n\n{checks}{before[listed.end() :]}"


def _with_points(text: str, new: NewExercise) -> str:
    """`course.toml` with the exercise's points, and its notebook if that's new."""
    head, table, points = text.partition("\n[points]\n")
    if not table:
        raise CommandError("course.toml has no table [points], where the exercise's would go.")
    if f'name = "{new.notebook}"' not in head:
        head = f'{head.rstrip()}\n\n[[assignments]]\nname = "{new.notebook}"\n'
        head += f'title = "{new.title}"\n'
    inside, following, rest = points.partition("\n[")
    return f'{head}{table}{inside.rstrip()}\n"{new.exercise}" = {new.points:g}\n{following}{rest}'

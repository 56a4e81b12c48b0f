"""The command line, one function for each command. Their imports wait until they are needed."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.errors import CannotGoOn

app = typer.Typer(
    name="python -m autograder",
    help="The instructor's side of the problem set.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console()

INTERRUPTED = 130
"""Typer's exit code after Ctrl-C."""


@app.callback()
def main() -> None:
    """The instructor's side of the problem set."""


Again = Annotated[bool, typer.Option("--again", help="Do it all, changed or not.")]


def run() -> int:
    """Run the command line; an expected error becomes a sentence and an exit code."""
    try:
        app()
    except CannotGoOn as error:
        Console(stderr=True).print(
            str(error), style="red", markup=False, highlight=False, soft_wrap=True
        )
        return error.exit_code
    except SystemExit as end:
        if end.code == INTERRUPTED:
            Console(stderr=True).print("Stopped. The same command goes on where this one ended.")
        return int(end.code or 0)
    return 0


@app.command()
def references(
    seed: Annotated[int, typer.Option(help="180 makes the public ones.")] = 180,
    exercise: Annotated[
        list[str] | None, typer.Option(help="Only this one; may be given more than once.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="A folder; by default assets/references.")
    ] = None,
    again: Again = False,
) -> None:
    """Write the expected values that checks compare with."""
    from autograder.references import write_references
    from autograder.solution import ROOT

    if out is None and seed != 180:
        raise CannotGoOn(
            "assets/references/ holds the public values, of seed 180. For another seed name a "
            "folder outside the repository: --out FOLDER.",
            usage=True,
        )
    folder = out or ROOT / "assets" / "references"
    manifest = write_references(
        folder, seed, exercise, again, lambda name, what: console.print(f"  {name:8} {what}")
    )
    for name, about in manifest["exercises"].items():
        if margins := about.get("mistakes"):
            nearest = min(margins, key=margins.__getitem__)
            console.print(
                f"  {name:8} tolerance {about['tolerance']:.0e}, nearest mistake {nearest} at "
                f"{margins[nearest]:.2g}",
                highlight=False,
            )
    console.print(f"References of seed {seed} in {folder}.", highlight=False)


@app.command()
def grade(
    submitted: Annotated[
        Path, typer.Argument(help="Holds <student>/<assignment>/<notebook>.ipynb.")
    ],
    out: Annotated[Path, typer.Option(help="Where results go.")] = Path("results"),
    assignment: Annotated[list[str] | None, typer.Option(help="Only this one.")] = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this one.")] = None,
    secret: Annotated[
        Path | None,
        typer.Option(
            help="The course's secret, a file outside the repository; hidden inputs follow from "
            "it. By default $PSET_SECRET, then .course-secret, then one made in the results."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Submissions at once; by default one per core.")
    ] = None,
    again: Again = False,
    trusted: Annotated[
        bool,
        typer.Option(
            "--trusted",
            help="Grade even where student code cannot be kept apart: it could read the secret, "
            "change marks, and do whatever you can. See docs/isolation.md.",
        ),
    ] = False,
) -> None:
    """Grade a class: grades.csv, and for each submission results.json and feedback.html."""
    import os

    from autograder.grade import grade_class
    from autograder.isolation.announce import announce
    from autograder.isolation.options import Isolation
    from autograder.isolation.report import Report
    from autograder.secret import find_secret
    from autograder.submissions import find_submissions
    from autograder.tables import GradingProgress, print_class

    submissions = find_submissions(submitted, None, assignment or (), student or ())
    found = find_secret(secret, out)
    if found.is_new:
        console.print(
            f"No secret was given, so one was made: {found.path}. Reruns with these results agree; "
            "for a course keep one secret file, and name it with --secret or $PSET_SECRET.",
            highlight=False,
        )
    reports: list[Report] = []
    with GradingProgress(console) as bar:
        records = grade_class(
            submissions,
            out,
            found,
            jobs or os.cpu_count() or 1,
            again,
            isolation=Isolation(trusted=trusted),
            isolated=reports.append,
            begin=bar.begin,
            progress=bar.on,
        )
    print_class(console, records)
    for report in reports:
        announce(console, report)
    console.print(f"{out / 'grades.csv'}, and feedback.html for each student.", highlight=False)


@app.command()
def release(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where notebooks/ has drifted.")
    ] = False,
    nbgrader: Annotated[
        Path | None, typer.Option(help="Write an nbgrader course into this folder instead.")
    ] = None,
) -> None:
    """Turn solutions/ into the student notebooks in notebooks/."""
    from autograder import release as releasing
    from autograder.nbgrader_course import write_nbgrader_course

    if nbgrader is not None:
        for path in write_nbgrader_course(nbgrader):
            console.print(f"  {path}", highlight=False)
        return
    results = releasing.release(check=check)
    for result in results:
        console.print(f"  {result.path.name}: {result.status}", highlight=False)
        if result.diff:
            console.print(result.diff, markup=False, highlight=False)
    if not all(result.up_to_date for result in results):
        raise CannotGoOn(
            "notebooks/ is not what solutions/ says. `make release` writes what is missing; delete "
            "what is left over."
        )


@app.command()
def figures(
    model: Annotated[
        str, typer.Option(help="pocket, an id of DeepFloyd IF, or a folder.")
    ] = "pocket",
    again: Again = False,
) -> None:
    """Regenerate every figure into assets/figures/."""
    from autograder.figures import FIGURES, draw_figures
    from autograder.tables import CellProgress

    with CellProgress(console) as bar:
        drawn = draw_figures(FIGURES, model, again, bar.on)
    for name, paths in drawn.items():
        console.print(f"  {name}: {', '.join(path.stem for path in paths)}", highlight=False)


@app.command()
def demo() -> None:
    """Figures, a small class handed in and graded, and build/demo/index.html."""
    from autograder.demo import run_demo
    from autograder.tables import CellProgress, GradingProgress, print_class

    console.print("The figures of the notebooks, then a class of sample submissions.")
    with CellProgress(console) as cells, GradingProgress(console) as bar:
        records, page = run_demo(cells.on, bar.begin, bar.on)
    print_class(console, records)
    console.print(f"Open {page} in a browser.", highlight=False)

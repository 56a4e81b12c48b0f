"""`python -m autograder grade`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.commands.app import app, console

if TYPE_CHECKING:
    from autograder.commands.tables import GradingProgress
    from autograder.course.secret import Secret
    from autograder.grading.bookkeeper import Bookkeeper
    from autograder.grading.executor import Executor
    from autograder.grading.run_file import Run
    from autograder.submission.find import Submission


@app.command()
def grade(
    submitted: Annotated[
        Path | None, typer.Argument(help="Contains <student>/<assignment>/<notebook>.ipynb.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where to write results.")] = Path("results"),
    assignment: Annotated[list[str] | None, typer.Option(help="Only this assignment.")] = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this student.")] = None,
    secret: Annotated[
        Path | None,
        typer.Option(
            help="The course's secret: a file outside the repository, from which hidden inputs are "
            "generated. Default: $PSET_SECRET, then .course-secret, then a new one in the results."
        ),
    ] = None,
    course: Annotated[
        Path | None,
        typer.Option(
            help="An nbgrader course, as created by `release --nbgrader`. Marks and feedback are "
            "also saved in its gradebook; marks given by hand are kept, and reach the results."
        ),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            help="A list of students, for names and e-mail in grades.csv: nbgrader's (id, "
            "first_name, last_name, email) or Canvas's export. It's kept with the results."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Submissions at once; by default one per core.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Grade on a Dask cluster, such as tcp://host:8786. You must trust its scheduler "
            "and workers, and they need the same checkout.",
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Grade everything again, changed or not.")
    ] = False,
    challenge: Annotated[
        bool,
        typer.Option(
            "--challenge",
            help="Also run the challenge, for everyone who has no entry yet. It takes minutes for "
            "each; entries are kept until their notebook changes.",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Resume the interrupted run in these results with its original options: the same "
            "submissions, secret, selection, and --again. Only --out is needed.",
        ),
    ] = False,
    trusted: Annotated[
        bool,
        typer.Option(
            "--trusted",
            help="Grade even if student code can't be isolated. It could then read the secret, "
            "change marks, and do anything that you can. See docs/isolation.md.",
        ),
    ] = False,
) -> None:
    """Grade a class; writes grades.csv, and results.json and feedback.html for each submission.

    Submissions that haven't changed since they were graded are skipped, so you can resume an
    interrupted run with the same command, or with --resume.
    """
    from autograder.commands.announce import announce
    from autograder.commands.tables import GradingProgress, print_class, print_left_out
    from autograder.files.disk import writing
    from autograder.files.lock import locked
    from autograder.grading.grade_class import grade_class
    from autograder.grading.left_out import save_left_out
    from autograder.grading.roster import keep_people, read_people
    from autograder.grading.run_file import begin, choose, finish
    from autograder.sandbox.launcher import need_fork
    from autograder.submission.find import look_through
    from autograder.text import on_one_line

    need_fork()
    with writing():
        only = [on_one_line(name) for name in student or []]
        run = choose(
            out, resume, submitted, secret, course, assignment or [], only, again, challenge
        )
        found = look_through(run.submitted, None, run.assignments, run.students)
        people = read_people(roster) if roster is not None else None
        with locked(out):
            if people is not None:
                keep_people(out, people)
            hidden = _secret(run, out)
            executor = _executor(jobs, scheduler, trusted)
            with _bookkeeper(run, found.submissions, out) as bookkeeper:
                begin(out, run)
                if not run.students:
                    save_left_out(out, found.left_out)
                bar = GradingProgress(console)
                with _resumable(bar, len(found.submissions), out), bar:
                    again_as = run.name if run.again else ""
                    records = grade_class(
                        found.submissions,
                        out,
                        hidden,
                        executor,
                        again_as,
                        bookkeeper,
                        bar,
                        competes=run.challenge,
                    )
            finish(out)
    print_class(console, records)
    print_left_out(console, found.left_out)
    for report in bar.reports:
        announce(console, report)
    console.print(f"Wrote {out / 'grades.csv'} and a feedback.html for everyone.", highlight=False)


def _secret(run: "Run", out: Path) -> "Secret":
    """The course's secret; says so if it's a new one."""
    found = run.find_secret(out)
    if found.is_new:
        console.print(
            f"You didn't name a secret, so a new one was created: {found.path}. Later runs into "
            "these results will use it. For a course, keep one secret file and name it with "
            "--secret or $PSET_SECRET.",
            highlight=False,
        )
    return found


def _executor(jobs: int | None, scheduler: str | None, trusted: bool) -> "Executor":
    """Threads on this computer, or a cluster."""
    from autograder.course.libraries import Libraries
    from autograder.grading.executor import Threads
    from autograder.sandbox.layers.options import Isolation
    from pset._model.cores import available_cores

    isolation = Isolation(trusted=trusted)
    if scheduler is not None:
        from autograder.cluster.client import Cluster

        return Cluster(scheduler, isolation=isolation)
    if warning := Libraries.installed().warning():
        console.print(warning, style="yellow", markup=False, highlight=False)
    return Threads(jobs or available_cores(), isolation=isolation)


def _bookkeeper(run: "Run", submissions: Sequence["Submission"], out: Path) -> "Bookkeeper":
    """Of the nbgrader course, if the run has one."""
    from autograder.grading.bookkeeper import Bookkeeper

    if run.course is None:
        return Bookkeeper()
    from autograder.gradebook.nbgrader_bookkeeper import NbgraderBookkeeper

    assignments = dict.fromkeys(submission.assignment for submission in submissions)
    return NbgraderBookkeeper(run.course, assignments, out)


@contextmanager
def _resumable(bar: "GradingProgress", of: int, out: Path) -> Iterator[None]:
    """After Ctrl-C, say what's done and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        console.print(
            f"{bar.count} of {of} submissions are done and kept. To resume: "
            f"python -m autograder grade --resume --out {out}",
            highlight=False,
            markup=False,
        )
        raise

"""`python -m autograder grade`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import app, console


@app.command()
def grade(
    submitted: Annotated[
        Path | None, typer.Argument(help="Holds <student>/<assignment>/<notebook>.ipynb.")
    ] = None,
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
    course: Annotated[
        Path | None,
        typer.Option(
            help="An nbgrader course, as `release --nbgrader` makes it: marks and feedback go into "
            "its gradebook as well; marks given there by hand stay, and go into the results."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Submissions at once; by default one per core.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Grade on a Dask cluster, such as tcp://host:8786. Its scheduler and workers "
            "have to be trusted, and to have the same checkout.",
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Grade also what has not changed since it was graded.")
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with the run into these results that was interrupted, as it was started: "
            "the same submissions, secret, selection, and --again. Name only the results.",
        ),
    ] = False,
    trusted: Annotated[
        bool,
        typer.Option(
            "--trusted",
            help="Grade even where student code cannot be kept apart: it could read the secret, "
            "change marks, and do whatever you can. See docs/isolation.md.",
        ),
    ] = False,
) -> None:
    """Grade a class: grades.csv, and for each submission results.json and feedback.html.

    What has been graded and has not changed is left as it is. So a run that was interrupted,
    however that came, goes on with the same command or with --resume.
    """
    import contextlib
    import os

    from autograder.commands.announce import announce
    from autograder.commands.tables import GradingProgress, print_class, print_left_out
    from autograder.course.libraries import Libraries
    from autograder.course.solution import read_solutions
    from autograder.files.disk import writing
    from autograder.files.lock import locked
    from autograder.grading.grade_class import grade_class
    from autograder.grading.left_out import save_left_out
    from autograder.grading.run_file import begin, choose, finish
    from autograder.sandbox.launcher import need_fork
    from autograder.sandbox.layers.options import Isolation
    from autograder.sandbox.layers.report import Report
    from autograder.submission.find import look_through
    from autograder.text import on_one_line
    from pset.course import course_file, read_course

    need_fork()
    with writing():
        only = [on_one_line(name) for name in student or []]
        run = choose(out, resume, submitted, secret, course, assignment or [], only, again)
        handed_in = look_through(run.submitted, None, run.assignments, run.students)
        submissions = handed_in.submissions
        reports: list[Report] = []
        with locked(out), contextlib.ExitStack() as closing:
            found = run.find_secret(out)
            if found.is_new:
                console.print(
                    f"No secret was given, so one was made: {found.path}. Reruns with these "
                    "results agree; for a course keep one secret file, and name it with --secret "
                    "or $PSET_SECRET.",
                    highlight=False,
                )
            kept = {}
            if run.course is not None:
                from autograder.gradebook.nbgrader import CourseGradebook
                from autograder.sandbox.reading import Reader

                reader = closing.enter_context(Reader())
                gradebook = CourseGradebook(run.course, read_course(course_file()))
                for name in dict.fromkeys(submission.assignment for submission in submissions):
                    gradebook.register(read_solutions()[name])
                kept = {
                    "late": gradebook.late,
                    "keep": lambda submission, record: gradebook.keep(
                        submission, record, out, reader
                    ),
                    "private": [run.course],
                }
            if scheduler is None and (warning := Libraries.installed().warning()):
                console.print(warning, style="yellow", markup=False, highlight=False)
            begin(out, run)
            if not run.students:
                save_left_out(out, handed_in.left_out)
            try:
                with GradingProgress(console) as bar:
                    records = grade_class(
                        submissions,
                        out,
                        found,
                        jobs or os.cpu_count() or 1,
                        run.again,
                        isolation=Isolation(trusted=trusted),
                        scheduler=scheduler,
                        isolated=reports.append,
                        run=run.name,
                        begin=bar.begin,
                        progress=bar.on,
                        **kept,
                    )
            except KeyboardInterrupt:
                console.print(
                    f"{bar.done} of {len(submissions)} submissions are done and kept. To go on: "
                    f"python -m autograder grade --resume --out {out}",
                    highlight=False,
                    markup=False,
                )
                raise
            finish(out)
    print_class(console, records)
    print_left_out(console, handed_in.left_out)
    for report in reports:
        announce(console, report)
    console.print(f"{out / 'grades.csv'}, and feedback.html for each student.", highlight=False)

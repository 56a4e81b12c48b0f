"""`python -m autograder grade`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import Again, app, console


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
    course: Annotated[
        Path | None,
        typer.Option(
            help="An nbgrader course, as `release --nbgrader` makes it: marks and feedback go into "
            "its gradebook as well, and marks given there by hand stay."
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
    from autograder.solution import read_solutions
    from autograder.submissions import find_submissions
    from autograder.tables import GradingProgress, print_class
    from pset.course import course_file, read_course

    submissions = find_submissions(submitted, None, assignment or (), student or ())
    found = find_secret(secret, out)
    if found.is_new:
        console.print(
            f"No secret was given, so one was made: {found.path}. Reruns with these results agree; "
            "for a course keep one secret file, and name it with --secret or $PSET_SECRET.",
            highlight=False,
        )
    kept = {}
    if course is not None:
        from autograder.gradebook import CourseGradebook

        gradebook = CourseGradebook(course, read_course(course_file()))
        for name in dict.fromkeys(submission.assignment for submission in submissions):
            gradebook.register(read_solutions()[name])
        kept = {
            "late": gradebook.late,
            "keep": lambda submission, record: gradebook.keep(submission, record, out),
            "private": [course],
        }
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
            **kept,
        )
    print_class(console, records)
    for report in reports:
        announce(console, report)
    console.print(f"{out / 'grades.csv'}, and feedback.html for each student.", highlight=False)

"""`python -m autograder canvas`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import app, console
from autograder.errors import CommandError


@app.command()
def canvas(
    results: Annotated[Path, typer.Argument(help="The folder that `grade` wrote.")],
    roster: Annotated[
        Path | None,
        typer.Option(
            help="An export of Canvas's gradebook, to fill in. Its names go into grades.csv too."
        ),
    ] = None,
    course: Annotated[
        Path | None,
        typer.Option(
            help="The nbgrader course: marks by hand that its gradebook has by now are put into "
            "the results first, feedback.html and grades.csv included."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The file to import; by default canvas.csv in the results."),
    ] = None,
    assignment: Annotated[list[str] | None, typer.Option(help="Only this one.")] = None,
) -> None:
    """Write the marks as a CSV that Canvas imports."""
    from autograder.files.disk import writing
    from autograder.files.lock import locked
    from autograder.gradebook.canvas import read_roster, with_roster, without_roster
    from autograder.grading.records import load_records, write_grades
    from autograder.grading.roster import keep_people, read_people
    from autograder.submission.find import one_of
    from pset.course import course_file, read_course
    from pset.files import write_whole

    records = load_records(results)
    if not records:
        raise CommandError(f"There are no graded submissions in {results}.", usage=True)
    for name in assignment or ():
        one_of(name, {record.assignment for record in records}, "graded assignment")
    settings = read_course(course_file())
    if course is not None or roster is not None:
        with writing(), locked(results):
            if roster is not None:
                keep_people(results, read_people(roster))
            if course is not None:
                from autograder.gradebook.nbgrader import CourseGradebook

                gradebook = CourseGradebook(course, settings)
                records = [gradebook.bring_up_to_date(results, record) for record in records]
            write_grades(results / "grades.csv", records)
    records = [r for r in records if not assignment or r.assignment in assignment]
    titles = {a["name"]: a["title"] for a in settings["assignments"]}
    if roster is None:
        done = without_roster(records, titles)
    else:
        done = with_roster(records, read_roster(roster), titles)
    out = out or results / "canvas.csv"
    write_whole(out, done.as_csv().encode())
    console.print(f"{out}: {done.filled} marks.", highlight=False)

    def say(lines: list[str], heading: str, style: str) -> None:
        if lines:
            console.print(heading, style=style)
            for line in lines:
                console.print(f"  - {line}", markup=False, highlight=False)

    say(done.unmatched, "Left out:", "bold red")
    say(done.new, "Columns that Canvas will make:", "yellow")
    say(done.without, "In the roster, but nothing graded:", "yellow")
    if waiting := [record for record in records if record.by_hand]:
        console.print(
            f"{len(waiting)} of {len(records)} submissions wait for marks by hand, up to "
            f"{max(record.by_hand for record in waiting):g} points each. They are not in it.",
            highlight=False,
        )
        if course is None:
            console.print("--course COURSE takes those that its gradebook has.", highlight=False)

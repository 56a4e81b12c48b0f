"""`python -m autograder gallery`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import app, console
from autograder.errors import CommandError


@app.command()
def gallery(
    submitted: Annotated[
        Path, typer.Argument(help="Contains <student>/<assignment>/<notebook>.ipynb.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where the pages go; by default the folder gallery in --course, or else beside "
            "the submissions."
        ),
    ] = None,
    assignment: Annotated[
        list[str] | None,
        typer.Option(help="Only this one; by default those with gallery = true in course.toml."),
    ] = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this student.")] = None,
    course: Annotated[
        Path | None, typer.Option(help="An nbgrader course; its current marks are shown.")
    ] = None,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve",
            help="Don't write pages. Serve them to a browser on this computer only, and save marks "
            "directly in the gradebook of --course.",
        ),
    ] = False,
    anonymous: Annotated[
        bool,
        typer.Option("--anonymous", help="Show numbers instead of names, in another order."),
    ] = False,
    port: Annotated[int, typer.Option(help="For --serve; a free port by default.")] = 0,
) -> None:
    """Mark pictures and written answers by hand, with all students side by side."""
    from rich.progress import track

    from autograder.course.solution import read_solutions
    from autograder.gradebook.gallery import entry, in_gallery, page
    from autograder.gradebook.gallery_server import serve as serve_pages
    from autograder.gradebook.nbgrader import CourseGradebook
    from autograder.sandbox.launcher import need_fork
    from autograder.sandbox.reading import Reader
    from autograder.submission.find import find_submissions
    from pset.course import course_file, read_course
    from pset.files import write_whole

    need_fork()
    if serve and course is None:
        raise CommandError("--serve saves marks in a gradebook; name it with --course.", usage=True)
    settings = read_course(course_file())
    wanted = assignment or in_gallery(settings)
    found = find_submissions(submitted, None, wanted, student or ())
    gradebook = CourseGradebook(course, settings) if course is not None else None
    solutions = read_solutions()
    names = list(dict.fromkeys(submission.assignment for submission in found))

    entries = {name: [] for name in names}
    with Reader() as reader:
        for submission in track(found, "pictures", console=console, transient=True):
            name = submission.assignment
            entries[name].append(entry(submission, solutions[name], reader, anonymous))

    def html(name: str, action: str = "") -> str:
        given = gradebook.given(name) if gradebook is not None else ()
        return page(solutions[name], entries[name], given, action, anonymous)

    if serve:

        def started(addresses: dict[str, str]) -> None:
            for address in addresses.values():
                console.print(address, highlight=False, soft_wrap=True)
            console.print("Press Ctrl-C to stop. Marks are saved as you enter them.")

        pages = {name: lambda action, name=name: html(name, action) for name in names}
        serve_pages(pages, gradebook.give, port, started)
        return
    out = out or (course or submitted.absolute().parent) / "gallery"
    for name in names:
        write_whole(out / f"{name}.html", html(name).encode("utf-8", "replace"))
        console.print(f"  {out / name}.html", highlight=False)

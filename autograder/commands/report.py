"""`python -m autograder report`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.app import app, console
from autograder.errors import CommandError


@app.command()
def report(
    results: Annotated[Path, typer.Argument(help="Folder that `grade` wrote.")] = Path("results"),
    out: Annotated[
        Path | None, typer.Option(help="The page to write; class.html in the results by default.")
    ] = None,
) -> None:
    """Show how the class did: marks, common mistakes, hard exercises, work that's worth a look."""
    from autograder.commands.tables import print_left_out, print_reports
    from autograder.gradebook.class_report import (
        CLASS_PAGE,
        LEADERBOARD_PAGE,
        class_reports,
        render,
        render_leaderboard,
    )
    from autograder.grading.left_out import load_left_out
    from autograder.grading.records import load_records
    from pset.files import write_whole

    reports = class_reports(load_records(results))
    if not reports:
        raise CommandError(
            f"There are no graded submissions in {results}. Run `grade … --out {results}` first.",
            usage=True,
        )
    page = out or results / CLASS_PAGE
    left_out = load_left_out(results)
    write_whole(page, render(reports, left_out))
    for one in reports:
        if one.places:
            write_whole(page.with_name(LEADERBOARD_PAGE), render_leaderboard(one.places))
    print_reports(console, reports)
    print_left_out(console, left_out)
    console.print(f"Full report, for instructors: {page}", highlight=False, markup=False)

"""`python -m autograder figures`."""

from typing import Annotated

import typer

from autograder.commands.app import Again, app, console


@app.command()
def figures(
    model: Annotated[
        str, typer.Option(help="pocket, a DeepFloyd IF model ID, or a folder.")
    ] = "pocket",
    again: Again = False,
) -> None:
    """Draw the figures of every notebook into assets/figures/."""
    from autograder.commands.tables import CellProgress
    from autograder.course.figures import FIGURES, draw_figures

    with CellProgress(console) as bar:
        drawn = draw_figures(FIGURES, model, again, bar.on)
    for name, paths in drawn.items():
        console.print(f"  {name}: {', '.join(path.stem for path in paths)}", highlight=False)

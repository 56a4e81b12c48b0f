"""`python -m autograder new-exercise`."""

from typing import Annotated

import typer

from autograder.commands.app import app, console


@app.command()
def new_exercise(
    exercise: Annotated[str, typer.Argument(help="Its number, such as 9.1.")],
    function: Annotated[str, typer.Option(help="The function that students will write.")],
    title: Annotated[
        str | None, typer.Option(help="For headings; by default the function's name.")
    ] = None,
    topic: Annotated[
        str | None,
        typer.Option(
            help="A file in pset/checks/topics/, new or given; by default the function's name."
        ),
    ] = None,
    notebook: Annotated[
        str | None,
        typer.Option(help="Such as 01_denoising, which gets more cells; by default a new one."),
    ] = None,
    points: Annotated[float, typer.Option(min=0, help="For a right answer.")] = 10,
) -> None:
    """Write the skeleton of a new exercise, and say what to do next."""
    from autograder.course.new_exercise import NewExercise, next_steps, write_new_exercise

    number = exercise.split(".")[0]
    new = NewExercise(
        exercise,
        function,
        title or function.replace("_", " ").capitalize(),
        topic or function,
        notebook or f"{number.zfill(2)}_{function}",
        points,
    )
    for name in write_new_exercise(new):
        console.print(f"  {name}", highlight=False, markup=False)
    console.print("Next, as CONTRIBUTING.md explains:")
    for k, step in enumerate(next_steps(new), 1):
        console.print(f"  {k}. {step}", highlight=False, markup=False)

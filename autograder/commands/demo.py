"""`python -m autograder demo`."""

from autograder.commands.app import app, console


@app.command()
def demo() -> None:
    """Draw the figures, grade a small sample class, and write build/demo/index.html."""
    from autograder.commands.tables import CellProgress, GradingProgress, print_class
    from autograder.demo.run import run_demo
    from autograder.sandbox.launcher import need_fork

    need_fork()
    console.print("Drawing the notebooks' figures, then grading a sample class.")
    with CellProgress(console) as cells, GradingProgress(console) as bar:
        records, page = run_demo(cells.on, bar)
    print_class(console, records)
    console.print(f"Open {page} in a browser.", highlight=False)

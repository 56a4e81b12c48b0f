"""`python -m autograder demo`."""

from autograder.commands.app import app, console


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

"""`python -m autograder demo`."""

from autograder.commands.app import app, console


@app.command()
def demo() -> None:
    """Figures, a small class handed in and graded, and build/demo/index.html."""
    from autograder.commands.tables import CellProgress, GradingProgress, print_class
    from autograder.demo.run import run_demo
    from autograder.sandbox.launcher import need_fork

    need_fork()
    console.print("The figures of the notebooks, then a class of sample submissions.")
    with CellProgress(console) as cells, GradingProgress(console) as bar:
        records, page = run_demo(cells.on, bar.begin, bar.on)
    print_class(console, records)
    console.print(f"Open {page} in a browser.", highlight=False)

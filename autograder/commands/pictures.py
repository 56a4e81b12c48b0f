"""`python -m autograder pictures`."""

from autograder.commands.app import app, console


@app.command()
def pictures() -> None:
    """Make the README's pictures in docs/images/. Needs Chromium or Chrome."""
    from autograder.commands.tables import GradingProgress
    from autograder.sandbox.launcher import need_fork
    from autograder.showcase.readme import make_pictures

    need_fork()
    with GradingProgress(console) as bar:
        paths = make_pictures(bar)
    for path in paths:
        console.print(f"  {path}: {path.stat().st_size / 1000:.0f} kB", highlight=False)

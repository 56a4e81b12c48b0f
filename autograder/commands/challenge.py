"""`python -m autograder challenge`."""

from typing import TYPE_CHECKING, Annotated

import typer

from autograder.commands.app import app, console

if TYPE_CHECKING:
    from autograder.challenge.entry import Entry
    from pset.challenge.settings import Settings


@app.command()
def challenge(
    baselines: Annotated[
        bool,
        typer.Option(
            "--baselines",
            help="Train and measure the reference solution and three weaker entries, as `grade "
            "--challenge` would. It takes as long as three entries do.",
        ),
    ] = False,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Train for so long, instead of the course's time.")
    ] = None,
) -> None:
    """Show the challenge's noise floor, and what a course's curves give for known entries."""
    from dataclasses import replace

    from autograder.challenge.baselines import entries, noise_floor
    from autograder.challenge.contest import Challenge
    from autograder.commands.announce import announce
    from autograder.sandbox.launcher import COMPETE, Launcher
    from pset.challenge.settings import EXERCISE, installed_settings
    from pset.course import points_for
    from pset.seeded_noise import SEED

    settings = installed_settings()
    if seconds is not None:
        settings = replace(settings, seconds=seconds)
    floor = noise_floor()
    mean, spread = floor.halves
    console.print(
        f"Fréchet distance between halves of the held-out pictures: {mean:.2f} ± {spread:.2f}; "
        "between training pictures and held-out ones: "
        f"{', '.join(f'{x:.2f}' for x in floor.training)}.",
        highlight=False,
    )
    if not baselines:
        return
    points, found = points_for(EXERCISE), []
    contest = Challenge(settings, points, SEED)
    with Launcher(contest.limits, work=COMPETE) as launcher:
        launcher.warm()
        for name, entry in entries(contest, launcher):
            found.append((name, entry))
            console.print(f"{name}: {entry.in_words(settings)}", highlight=False, markup=False)
        announce(console, launcher.report)
    _print_entries(found, settings, points)


def _print_entries(found: "list[tuple[str, Entry]]", settings: "Settings", points: float) -> None:
    from rich.table import Table

    table = Table(
        "entry",
        title=f"{settings.seconds:g} seconds to train, {points:g} points",
        title_justify="left",
    )
    for name in ("distance", "calls", "right", "copies", "time", "CPU", "points"):
        table.add_column(name, justify="right")
    for name, entry in found:
        table.add_row(
            name,
            f"{entry.distance:.2f}" if entry.is_scored else "–",
            f"{entry.calls:.0f}",
            f"{entry.right:.0%}",
            f"{entry.copies:.0%}",
            f"{entry.train_seconds:.0f}+{entry.sample_seconds:.0f}",
            f"{entry.cpu_seconds:.0f}",
            f"{entry.share(settings) * points:.1f}",
        )
    console.print(table)

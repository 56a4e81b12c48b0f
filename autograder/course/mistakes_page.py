"""docs/mistakes.md: every known mistake, what students read, and how far it is from right.

All numbers come from the manifest of the public references, so the page follows from files that are
kept, and is the same on every machine.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from autograder.paths import ROOT
from pset.checks import ALL_CHECKS
from pset.checks.definition import Check
from pset.checks.references import write_whole

PAGE = ROOT / "docs" / "mistakes.md"

INTRODUCTION = """\
# Known mistakes

`make references` writes this page; it is not edited by hand. The numbers are measured with the
public inputs, seed 180.

A check calls the student's function on a few cases and takes the root mean square of the
difference between the answer and the expected one, as a share of that of the expected one. On the
case where the difference is largest it may be as large as the **tolerance**. The **distance** of
a mistake is what its deliberately wrong variant in `solutions/mistakes/` differs by; **×
tolerance** is how many times that is what is tolerated. The right answers are those of
`tests/checks/variants/`, written independently of the solution.

A mistake is recognised **by value** if the answer is what the wrong variant gives, on every case
and within the tolerance. What draws its own random numbers can have no such value and is
recognised **by statistics**. Exercise 1.2 has many right answers; it is judged **by properties**,
and there is no distance.
"""


def right_answers(exercise: str) -> Sequence[Callable[..., Any]]:
    """The independently written right answers of the tests; none where there are no tests."""
    if not (ROOT / "tests" / "checks" / "variants").is_dir():
        return ()
    return import_module("tests.checks.variants").variants_of(exercise)


def write_page(manifest: dict[str, Any], path: Path = PAGE) -> None:
    """Write the page that follows from a manifest of references."""
    write_whole(path, page(manifest).encode())


def page(manifest: dict[str, Any]) -> str:
    """The page, in Markdown."""
    sections = [
        _section(check, manifest["exercises"].get(exercise, {}))
        for exercise, check in ALL_CHECKS.items()
    ]
    return "\n".join([INTRODUCTION, *sections])


def _section(check: Check, about: dict[str, Any]) -> str:
    title = f"{check.exercise} {check.title}" if check.exercise[0].isdigit() else check.title
    lines = [f"## {title}: `{check.function}`", ""]
    distances, right = about.get("mistakes", {}), about.get("right", {})
    if check.properties is None:
        text = f"Tolerance {_number(check.tolerance)}."
        if right:
            text += (
                f" The furthest of {len(right)} right answers is at {_number(max(right.values()))}."
            )
        if distances:
            nearest = min(distances, key=distances.__getitem__)
            text += f" The nearest mistake is `{nearest}`, at {_number(distances[nearest])}."
        lines += [text, ""]
    lines += [
        "| mistake | what the student reads | distance | × tolerance | recognised |",
        "|---|---|--:|--:|---|",
    ]
    for mistake in check.mistakes:
        distance = distances.get(mistake.key)
        numbers = ("", "")
        if distance is not None:
            numbers = (_number(distance), _number(distance / check.tolerance))
        how = "by statistics" if mistake.recognise else "by value"
        how = "by properties" if check.properties else how
        says = mistake.says.replace("|", "\\|")
        lines.append(f"| `{mistake.key}` | {says} | {' | '.join(numbers)} | {how} |")
    return "\n".join([*lines, ""])


def _number(value: float) -> str:
    """Two digits; a large number whole, with thin spaces between thousands."""
    if value >= 100:
        return f"{float(f'{value:.2g}'):,.0f}".replace(",", "\u202f")
    return f"{value:.2g}".replace("e-0", "e-")

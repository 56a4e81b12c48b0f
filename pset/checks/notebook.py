"""`check(...)`, which students call in a cell."""

import difflib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from pset.assets import assets_dir
from pset.challenge import rehearsal, settings
from pset.checks import ALL_CHECKS, calling, report
from pset.checks.calling import Outcome
from pset.checks.diagnosis import Ask, driven
from pset.checks.judging import Judge, Verdict, to_tensor
from pset.checks.own_work import withdrawn_for
from pset.checks.references import References, load_references, read_manifest
from pset.course import points_for
from pset.seeded_noise import SEED

DIAGNOSIS_SECONDS = 2.0
"""At most, for a student who waits; what has been found by then is said."""

HIDDEN = "PSET_REFERENCES"
"""Environment variable: a folder of references for another seed, which students don't have."""


class Points(float):
    """Points that a notebook shows nothing of: the verdict above has them.

    nbgrader reads the plain text of a cell's value as its score. Where there's HTML as well,
    Jupyter shows that instead.
    """

    def _repr_html_(self) -> str:
        return "<span></span>"


def check(
    exercise: str, function: Callable[..., Any] | None = None, hidden: bool = False
) -> Points:
    """Check an exercise, and show the verdict: if it isn't right, with the likely mistake.

    Args:
        exercise: its number, such as "1.1".
        function: your function; by default, the one in the notebook with the exercise's name.
        hidden: use the course's hidden inputs if `$PSET_REFERENCES` is set (for nbgrader);
            otherwise the public ones.

    Returns:
        The points earned. As the value of a cell's last line, they're the score nbgrader records.

    Raises:
        ValueError: there's no such exercise; suggests the closest one.
    """
    if exercise == settings.EXERCISE:
        return _rehearsed(sys._getframe(1).f_globals)
    if exercise not in ALL_CHECKS:
        close = difflib.get_close_matches(str(exercise), ALL_CHECKS, n=1, cutoff=0.3)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(
            f"There's no exercise {exercise!r}.{hint} The exercises are {', '.join(ALL_CHECKS)}."
        )
    if function is None:
        function = sys._getframe(1).f_globals.get(ALL_CHECKS[exercise].function)
    verdict = verdict_on(exercise, function, _references_folder(hidden))
    _display(verdict)
    return Points(verdict.points)


def _rehearsed(namespace: Mapping[str, Any]) -> Points:
    """Try the challenge out, and say how it goes. It earns nothing here."""
    found = rehearsal.rehearse(namespace.get(settings.TRAIN), namespace.get(settings.SAMPLE))
    if isinstance(found, Verdict):
        _display(found)
    elif "ipykernel" in sys.modules:
        from IPython.display import display

        display({"text/plain": found}, raw=True)
    else:
        print(found)
    return Points(0)


def verdict_on(exercise: str, function: Callable[..., Any] | None, folder: Path) -> Verdict:
    """Call the function on every case of the references in `folder`, and judge its answers."""
    definition = ALL_CHECKS[exercise]
    cases = definition.cases(read_manifest(folder).get("seed", SEED))
    references: References | None = None
    if definition.properties is None:
        references = load_references(folder, exercise)
    answers = withdrawn_for(definition)

    def ask(what: Ask) -> Outcome:
        found = calling.call(
            function, what.case, definition.seconds, answers, what.global_seed, what.watch
        )
        # The same form as from the grader's student process.
        value = to_tensor(found.value) if found.status == "returned" else None
        return replace(found, value=value) if isinstance(value, torch.Tensor) else found

    outcomes = []
    for case in cases:
        outcomes.append(calling.call(function, case, definition.seconds, answers))
        if outcomes[-1].status != "returned":
            break
    judge = Judge(definition, cases, references, points_for(exercise))
    verdict = judge.verdict(outcomes)
    diagnosis = judge.diagnosis(verdict, outcomes)
    if diagnosis is None:
        return verdict
    return judge.explained(verdict, driven(diagnosis, ask, DIAGNOSIS_SECONDS), outcomes)


def _references_folder(hidden: bool) -> Path:
    folder = os.environ.get(HIDDEN)
    return Path(folder) if hidden and folder else assets_dir() / "references"


def _display(verdict: Verdict) -> None:
    """Show HTML with pictures in a notebook, and print text elsewhere."""
    if "ipykernel" not in sys.modules:
        print(report.as_text(verdict))
        return
    from IPython.display import HTML, display

    display(
        {"text/html": HTML(report.as_html(verdict)).data, "text/plain": report.as_text(verdict)},
        raw=True,
    )

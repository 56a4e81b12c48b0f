"""Compute what the solution and each known mistake return, and store it as data."""

import ast
import contextlib
import hashlib
import math
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

import solutions.mistakes
from autograder.course import slips
from autograder.course.dependencies import Module, hashes_behind, module
from autograder.course.slips import make_slips, read_asked, read_probes
from autograder.course.solution import Solution, read_solutions
from autograder.errors import CommandError
from autograder.submission.slicing import Statement
from pset.assets import assets_dir
from pset.checks import ALL_CHECKS, calling, watching
from pset.checks.definition import Case, Check, StandIn
from pset.checks.diagnosis import counterfactuals, probes, queries
from pset.checks.diagnosis import sketch as sketches
from pset.checks.diagnosis.sketch import sketch
from pset.checks.difference import difference
from pset.checks.judging import Judge, Verdict, to_tensor
from pset.checks.references import (
    References,
    read_manifest,
    save_references,
    write_manifest,
)
from pset.checks.stand_ins import BUILDERS
from pset.seeded_noise import SEED

STORED = (counterfactuals, probes, queries, sketches, watching)
"""What in the diagnosis decides what's stored; the rest only reads it."""

PACKAGES = ("torch", "numpy", "diffusers", "transformers", "safetensors", "pillow")

Function = Callable[..., Any]
Progress = Callable[[str, str], None]
"""Called with an exercise and its state: "up to date", "computing: … changed", "written"."""


def write_references(
    folder: Path,
    seed: int = SEED,
    exercises: Iterable[str] | None = None,
    again: bool = False,
    progress: Progress = lambda exercise, what: None,
    right_answers: Callable[[str], Sequence[Function]] = lambda exercise: (),
) -> dict[str, Any]:
    """Bring the references in `folder` up to date, and return their manifest.

    Exercises whose inputs haven't changed are skipped. Finished ones are kept if a later one fails
    or the run is interrupted.

    Args:
        folder: where the files go.
        seed: from which the checks make their cases; 180 makes the public ones.
        exercises: only these.
        again: compute them even if nothing has changed.
        progress: called as the work goes on.
        right_answers: exercise → functions that are right as well; how far they are from the
            solution goes into the manifest.

    Raises:
        CommandError: a solution fails, or a known mistake can't be told apart from it.
    """
    manifest = read_manifest(folder)
    if manifest.get("seed") != seed:
        manifest = {"seed": seed, "exercises": {}}
    for exercise, solution in _sources(exercises).items():
        check = ALL_CHECKS[exercise]
        variants = right_answers(exercise)
        inputs = inputs_of(check, solution, seed, variants)
        before = manifest["exercises"].get(exercise, {})
        if not again and _up_to_date(folder, before, inputs, exercise):
            progress(exercise, "up to date")
            continue
        progress(exercise, f"computing{_why(before, inputs)}")
        with one_thread():
            references, about = compute(check, solution, seed, variants)
        if references is not None:
            about["sha256"] = save_references(folder, exercise, references)
        manifest["exercises"][exercise] = about | {"inputs": inputs}
        manifest["versions"] = _versions()
        write_manifest(folder, manifest)
        progress(exercise, "written")
    return manifest


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread, because the number of threads changes the last bits of a sum."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def compute(
    check: Check, solution: Solution, seed: int, right: Sequence[Function] = ()
) -> tuple[References | None, dict[str, Any]]:
    """The references of one check (None for a check by properties), and what the manifest says.

    Args:
        check, solution, seed: what to compute.
        right: other right answers, whose distance is measured.

    Raises:
        CommandError: the solution fails, or a known mistake cannot be told from it.
    """
    cases = check.cases(seed)
    function = solution.function(check.function)
    variants = solutions.mistakes.mistakes_of(check.exercise)
    about: dict[str, Any] = {"cases": [case.name for case in cases]}
    path = solution.source.path
    expected = _answers(function, cases, check, "the solution", f"{path.parent.name}/{path.name}")
    _compare_keys(check, variants)
    _refuse_todos(check)
    if check.properties is not None:
        _prove_properties(check, cases, expected, variants, is_public=seed == SEED)
        return None, about
    wrong = {
        key: _answers(variants[key], cases, check, f"mistake {key!r}", _home(variants[key]).name)
        for key in (mistake.key for mistake in check.mistakes)
    }
    margins = {key: _distance(values, expected) for key, values in wrong.items()}
    for key, margin in margins.items():
        if margin <= check.tolerance:
            raise CommandError(
                f"Exercise {check.exercise}, seed {seed}: the mistake {key!r} can't be told apart "
                f"from a right answer. It differs by {margin:.2g} at most, and the tolerance is "
                f"{check.tolerance:.2g}. Add a case to the check on which the mistake shows."
            )
    about |= {"tolerance": check.tolerance, "mistakes": margins}
    if right:
        about["right"] = {
            variant.__name__: _distance(
                _answers(
                    variant,
                    cases,
                    check,
                    f"the right answer {variant.__name__}",
                    _home(variant).name,
                ),
                expected,
            )
            for variant in right
        }
    # A mistake that's recognised by its statistics has random values, so don't store them.
    kept = {
        m.key: [sketch(answer) for answer in wrong[m.key]]
        for m in check.mistakes
        if m.recognise is None
    }
    found = make_slips(
        check, cases, solution.code(check.exercise), solution.namespace, expected, kept
    )
    about["slips"] = len(found)
    references = References(
        expected,
        kept,
        found,
        read_probes(check, cases, function, expected),
        read_asked(check, cases, function),
    )
    return references, about


def inputs_of(
    check: Check, solution: Solution, seed: int, right: Sequence[Function] = ()
) -> dict[str, Any]:
    """Everything that a check's references depend on: files, by name, with their hashes.

    In source files, only the lines that the check depends on count: its cases, the solution's
    function, the known mistakes, other right answers.
    """
    cells = "\n".join(cell.text for cell in solution.defining_cells)
    path = solution.source.path
    roots: list[tuple[Module, Iterable[Statement | str]]] = [
        (Module(f"{path.parent.name}/{path.name}", cells), [check.function])
    ]
    recognisers = [mistake.recognise for mistake in check.mistakes]
    for function in (check.make_cases, check.properties, *recognisers):
        if function is not None:
            roots.append((_home(function), [function.__name__]))
    for variant in solutions.mistakes.mistakes_of(check.exercise).values():
        home = _home(variant)
        registered = home.naming(lambda node: _registers(node, check.exercise))
        roots.append((home, registered or [variant.__name__]))
    roots += [(_home(variant), [variant.__name__]) for variant in right]
    used = [v for case in check.cases(seed) for v in case.arguments.values()]
    builders = sorted({value.name for value in used if isinstance(value, StandIn)})
    roots += [(_home(BUILDERS[name]), [BUILDERS[name].__name__]) for name in builders]
    inputs: dict[str, Any] = {
        "diagnosis": hash_of_folder(Path(slips.__file__).parent, ".py")
        + "".join(
            hashlib.sha256(Path(str(each.__file__)).read_bytes()).hexdigest() for each in STORED
        ),
        "seed": seed,
        "tolerance": check.tolerance,
        "mistakes": sorted(mistake.key for mistake in check.mistakes),
    }
    if "pocket" in builders:
        inputs["assets/pocket-if/stage-1"] = hash_of_folder(assets_dir() / "pocket-if" / "stage-1")
    return inputs | hashes_behind(roots)


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names of the inputs that have changed."""
    return sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )


def _home(function: Function) -> Module:
    found = module(function.__module__)
    if found is None:
        raise CommandError(f"{function.__module__}.{function.__name__} isn't part of this course.")
    return found


def _registers(node: ast.stmt, exercise: str) -> bool:
    """Whether a statement holds `mistake("<exercise>", …)`."""
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "mistake"
        and bool(call.args)
        and isinstance(call.args[0], ast.Constant)
        and call.args[0].value == exercise
        for call in ast.walk(node)
    )


def hash_of_folder(folder: Path, suffix: str = "") -> str:
    """A hash of the names and contents of all files below a folder, but for texts (`.md`).

    Args:
        folder: where they are.
        suffix: only files that end so.
    """
    digest = hashlib.sha256()
    # Sorted by parts and named with slashes, on Windows too.
    for path in sorted(folder.rglob(f"*{suffix}"), key=lambda path: path.parts):
        if path.is_file() and path.suffix not in (".md", ".pyc"):
            digest.update(f"{path.relative_to(folder).as_posix()}\n".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(exercises: Iterable[str] | None) -> dict[str, Solution]:
    """Exercise → the solution that has it, for the exercises asked for."""
    sources = {
        exercise: solution
        for solution in read_solutions().values()
        for exercise in solution.exercises
    }
    if unknown := [e for e in (*(exercises or ()), *sources) if e not in ALL_CHECKS]:
        raise CommandError(
            f"There's no check for exercise {unknown[0]!r}; there are {', '.join(ALL_CHECKS)}. "
            "`python -m autograder new-exercise` writes the skeleton of a new one.",
            usage=True,
        )
    if exercises is None:
        return sources
    if homeless := [e for e in exercises if e not in sources]:
        raise CommandError(
            f"No file in solutions/ has a check cell for exercise {homeless[0]}. Add one, which "
            f'begins with # %% check="{homeless[0]}".'
        )
    return {exercise: sources[exercise] for exercise in exercises}


def _why(before: dict[str, Any], inputs: dict[str, Any]) -> str:
    known = before.get("inputs")
    changed = changes(known, inputs) if isinstance(known, dict) else []
    return f": {', '.join(changed)} changed" if changed else ""


def _up_to_date(folder: Path, about: dict[str, Any], inputs: dict[str, Any], exercise: str) -> bool:
    if about.get("inputs") != inputs:
        return False
    if "sha256" not in about:  # a check by properties has no file
        return True
    path = folder / f"{exercise}.safetensors"
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == about["sha256"]


def _answers(
    function: Function, cases: Sequence[Case], check: Check, who: str, where: str
) -> list[torch.Tensor]:
    answers = []
    for case in cases:
        outcome = calling.call(function, case, seconds=600)
        if outcome.status == "not done":
            raise CommandError(
                f"Exercise {check.exercise}: {who} isn't written yet. Write it in {where}."
            )
        answer = to_tensor(outcome.value) if outcome.status == "returned" else outcome.error
        if isinstance(answer, str):
            raise CommandError(
                f"Exercise {check.exercise}: {who} returns no answer on {case.name}: "
                f"{outcome.status}. {answer} Correct it in {where}, or the cases in "
                f"{_home(check.make_cases).name}."
            )
        answers.append(answer)
    return answers


def _distance(values: Sequence[torch.Tensor], expected: Sequence[torch.Tensor]) -> float:
    """The largest difference over the cases: on that case the mistake shows most."""
    found = []
    for value, truth in zip(values, expected, strict=True):
        distance = difference(value, truth) if value.shape == truth.shape else math.inf
        found.append(math.inf if math.isnan(distance) else distance)
    return max(found)


def _compare_keys(check: Check, variants: dict[str, Function]) -> None:
    keys = {mistake.key for mistake in check.mistakes}
    for key in sorted(keys - set(variants)):
        raise CommandError(
            f"Exercise {check.exercise}: no function makes the mistake {key!r}. Write one in "
            f'solutions/mistakes/, under @mistake("{check.exercise}", "{key}").'
        )
    for key in sorted(set(variants) - keys):
        raise CommandError(
            f"Exercise {check.exercise}: the check doesn't know the mistake {key!r} of "
            f"{_home(variants[key]).name}. Add it to the check in {_home(check.make_cases).name}."
        )


def _refuse_todos(check: Check) -> None:
    """Refuse a skeleton that hasn't been filled in."""
    for text in (check.title, check.read.idea, *(mistake.says for mistake in check.mistakes)):
        if "TODO" in text:
            raise CommandError(
                f"Exercise {check.exercise}: students would read “{text}”. Write it in "
                f"{_home(check.make_cases).name}."
            )


def _prove_properties(
    check: Check,
    cases: Sequence[Case],
    expected: Sequence[torch.Tensor],
    variants: dict[str, Function],
    is_public: bool,
) -> None:
    """A check by properties stores nothing, but must accept the solution and refuse each mistake.

    On the public cases it must name each mistake, too. A course's own secret isn't refused because
    one of its cases shows a mistake from another side: the verdict is the same.
    """
    judge = Judge(check, cases, None, max_points=1)
    found: dict[str | None, Verdict] = {
        None: judge.verdict([calling.Outcome("returned", answer) for answer in expected])
    }
    for mistake, variant in variants.items():
        answers = _answers(variant, cases, check, f"mistake {mistake!r}", _home(variant).name)
        found[mistake] = judge.verdict([calling.Outcome("returned", answer) for answer in answers])
    for key, verdict in found.items():
        misnamed = is_public and verdict.mistake != key
        if misnamed or (verdict.status == "right") != (key is None):
            who = "the solution" if key is None else f"the mistake {key!r}"
            raise CommandError(
                f"Exercise {check.exercise}: the check judges {who} as {verdict.status}"
                f"{f' ({verdict.mistake})' if verdict.mistake else ''}: {verdict.message}"
            )


def _versions() -> dict[str, str]:
    return {name: version(name) for name in PACKAGES} | {
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
    }

"""A student's process sees of the course what it runs, and nothing that holds an answer."""

from collections.abc import Iterator

import pytest
import torch

from autograder.errors import CommandError
from autograder.paths import ROOT
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.layers.options import LANDLOCK, NAMESPACES, Isolation
from autograder.sandbox.session import Session
from pset.checks.definition import Case

WAYS = {
    "all-layers": Isolation(),
    "without-namespaces": Isolation(off=(NAMESPACES,)),
    "without-landlock": Isolation(off=(LANDLOCK,)),
}
KEPT_FROM_STUDENTS = (
    "autograder/challenge/contest.py",
    "autograder/course/release.py",
    "autograder/demo/samples.py",
    "autograder/grading/assignment.py",
    "autograder/gradebook/nbgrader.py",
    "solutions/01_denoising.py",
    "solutions/mistakes/denoising.py",
    "solutions/variants/denoising.py",
    "training/method/diffusion.py",
)
NEEDED = (
    "autograder/sandbox/child.py",
    "autograder/sandbox/contest_child.py",
    "autograder/submission/slicing.py",
    "pset/sampling.py",
)

LOOK = """
import importlib

def f(x):
    seen = []
    for path in {paths!r}:
        try:
            open(path).read()
            seen.append(path)
        except OSError:
            pass
    for module in {modules!r}:
        try:
            importlib.import_module(module)
            seen.append(module)
        except (ImportError, OSError):
            pass
    raise ValueError(' '.join(['seen', *seen]))
"""


@pytest.fixture(scope="module", params=WAYS)
def launcher(request: pytest.FixtureRequest) -> Iterator[Launcher]:
    with Launcher(isolation=WAYS[request.param]) as launcher:
        try:
            launcher.warm()
        except CommandError as error:
            pytest.skip(str(error))
        yield launcher


def seen(launcher: Launcher, names: tuple[str, ...]) -> set[str]:
    """Which of these files of the course can be read, or imported."""
    assert all((ROOT / name).is_file() for name in names), "or not seeing them says nothing"
    paths = [str(ROOT / name) for name in names]
    modules = [name.removesuffix(".py").replace("/", ".") for name in names]
    cell = LOOK.format(paths=paths, modules=[m for m in modules if "01_" not in m])
    with Session(launcher, [cell], ["f"], everything=False) as session:
        outcome = session.call("f", Case("", {"x": torch.ones(1)}), 10)
    said = outcome.error.splitlines()[0]
    assert said.startswith("ValueError: seen"), outcome
    return set(said.removeprefix("ValueError: seen").split())


def test_solutions_marking_and_demo_cannot_be_read(launcher: Launcher) -> None:
    assert seen(launcher, KEPT_FROM_STUDENTS) == set()


def test_what_it_runs_can_be_read(launcher: Launcher) -> None:
    assert {str(ROOT / name) for name in NEEDED} <= seen(launcher, NEEDED)


def test_the_looking_would_notice() -> None:
    paths = [str(ROOT / name) for name in KEPT_FROM_STUDENTS]
    namespace: dict = {}
    exec(LOOK.format(paths=paths, modules=["autograder.demo.samples"]), namespace)
    with pytest.raises(ValueError, match="seen") as found:
        namespace["f"](None)
    assert set(paths) <= set(str(found.value).split())
    assert str(found.value).endswith(" autograder.demo.samples")

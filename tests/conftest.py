"""What tests of several folders share: a solution, and hidden references of their own."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from autograder.course.solution import Solution


@pytest.fixture(scope="session")
def solution() -> "Solution":
    """The first assignment's."""
    from autograder.course.solution import read_solutions  # with torch: not every test needs it

    return next(iter(read_solutions().values()))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all of pytest-xdist's workers."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def own_cache(shared_folder: Path) -> None:
    """Hidden references go below the test's folder."""
    os.environ["XDG_CACHE_HOME"] = str(shared_folder / "cache")
    os.environ.pop("PSET_SECRET", None)

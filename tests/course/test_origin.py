"""Where notebooks come from and what they install; how long they say they take."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from autograder.course.duration import duration
from autograder.course.instructor_notebook import install_cell
from autograder.course.origin import ref, requirement, warnings
from autograder.errors import CommandError
from pset.course import course_file, read_course

REPOSITORY = "https://github.com/you/pset"


def course(**more: str) -> dict[str, str]:
    return {"name": "C", "repository": REPOSITORY, **more}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a commit and the tag "term"."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (
        ["init", "-q"],
        [*who, "commit", "-q", "--allow-empty", "-m", "x"],
        ["tag", "term"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    return tmp_path


def test_a_tag_is_installed_without_a_warning(checkout: Path) -> None:
    assert requirement(course(tag="term")) == f"git+{REPOSITORY}@term"
    assert warnings(course(tag="term"), checkout) == []


def test_a_branch_is_warned_of(checkout: Path) -> None:
    assert ref(course(branch="main")) == "main"
    (said,) = warnings(course(branch="main"), checkout)
    assert "middle of the term" in said


def test_a_tag_that_does_not_exist_is_named_with_the_line_that_makes_it(checkout: Path) -> None:
    (said,) = warnings(course(tag="v9"), checkout)
    assert "git tag v9 && git push origin v9" in said


def test_without_a_repository_nothing_is_known_of_tags(tmp_path: Path) -> None:
    assert warnings(course(tag="v9"), tmp_path) == []


@pytest.mark.parametrize("named", [{}, {"tag": "a", "branch": "b"}, {"tag": ""}])
def test_neither_and_both_are_refused(named: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="either a tag or a branch"):
        ref(course(**named))


def test_a_wheel_takes_the_repositorys_place(checkout: Path) -> None:
    private = course(branch="main", wheel="https://example.org/pset-0.2.0-py3-none-any.whl")
    source = install_cell(private).source
    assert '"https://example.org/pset-0.2.0-py3-none-any.whl"' in source
    assert "git+" not in source
    assert warnings(private, checkout) == []


def test_this_course_names_its_own_version() -> None:
    import pset

    assert ref(read_course(course_file())["course"]) == f"v{pset.__version__}"


def test_each_notebook_says_how_long_it_takes() -> None:
    settings: dict[str, Any] = read_course(course_file())
    for assignment in settings["assignments"]:
        least, most = assignment["minutes"]
        said = duration(assignment["name"], settings)
        assert f"{least} to {most} minutes" in said
        assert "GPU" in said
    assert duration("x", {"assignments": [{"name": "x"}]}) == ""
    about = {"name": "x", "minutes": [5, 10], "machine_minutes": 3}
    assert "about 3 minutes" in duration("x", {"assignments": [about]})

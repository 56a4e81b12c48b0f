"""What is taken for a submission, what for which, and who is named as left out."""

import os
from pathlib import Path

import pytest

from autograder.errors import CommandError
from autograder.submission.find import (
    MOST_CANDIDATES,
    Found,
    Submission,
    candidates,
    find_submissions,
    look_through,
)
from autograder.submission.meant import assignments_meant
from autograder.submission.notebook import Unreadable

COURSE = [
    "01_denoising",
    "02_iterative_denoising",
    "06_visual_anagrams",
    "07_hybrid_images",
]
FIRST = COURSE[0]


def put(folder: Path, *names: str | bytes) -> Path:
    """Make files; a name that ends with a slash is an empty folder."""
    for name in map(os.fsdecode, names):
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"{}")
    return folder


def taken(found: Found) -> dict[str, dict[str, str]]:
    """Student → assignment → the file that would be graded, or what is said instead."""
    said: dict[str, dict[str, str]] = {}
    for submission in found.submissions:
        try:
            what = str(candidates(submission)[0])
            what = what.partition("/submitted/")[2].partition("/")[2]
        except Unreadable as error:
            what = str(error)
        said.setdefault(submission.student, {})[submission.assignment] = what
    return said


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    """A class of one who needs no care."""
    return put(tmp_path / "submitted", f"honest/{FIRST}/{FIRST}.ipynb")


@pytest.mark.parametrize(
    "name",
    [
        "01-denoising",
        "01_Denoising",
        "01 denoising",
        "01.denoising",
        "01denoising",
        "1_denoising",
        "HW01_DENOISING",
        "hw01-denoising",
        "01_denoising (1)",
        "01_denoising-Copy1",
        "Copy of 01_denoising",
        "ada 01_denoising final",
        "０１＿ｄｅｎｏｉｓｉｎｇ",
    ],
)
def test_what_is_plainly_meant(name: str, submitted: Path) -> None:
    assert assignments_meant(name, COURSE) == [FIRST]
    put(submitted / "ada" / name, "x.ipynb")
    assert taken(look_through(submitted, COURSE))["ada"] == {FIRST: f"{name}/x.ipynb"}


@pytest.mark.parametrize(
    "name",
    ["denoising", "01", "hw01", "1", "02_denoising", "01_iterative_denoising", "notes", "101 x"],
)
def test_what_could_be_another_is_not_taken(name: str, submitted: Path) -> None:
    assert assignments_meant(name, COURSE) == []
    put(submitted / "ada" / name, "x.ipynb")
    found = look_through(submitted, COURSE)
    assert "ada" not in taken(found)
    (left,) = found.left_out
    assert (left.student, name in left.why) == ("ada", True)


def test_two_assignments_in_one_name_are_not_taken(submitted: Path) -> None:
    name = "06 visual anagrams, 07 hybrid images"
    assert assignments_meant(name, COURSE) == COURSE[2:]
    put(submitted / "ada", f"{name}/x.ipynb", f"{FIRST}/x.ipynb")
    found = look_through(submitted, COURSE)
    assert taken(found)["ada"] == {FIRST: f"{FIRST}/x.ipynb"}
    assert [str(left) for left in found.left_out] == [
        f"ada: {name} was skipped, because the name doesn't say which assignment it's for"
    ]


def test_of_two_names_the_longer_is_meant() -> None:
    course = [FIRST, "01_denoising_extra"]
    assert assignments_meant("01-denoising-extra", course) == ["01_denoising_extra"]
    assert assignments_meant("01-denoising", course) == [FIRST]


def test_the_folder_of_that_name_counts_and_the_other_is_named(submitted: Path) -> None:
    put(submitted / "ada", f"{FIRST}/x.ipynb", f"{FIRST} (1)/y.ipynb", f"{FIRST}.ipynb")
    (submission,) = find_submissions(submitted, COURSE, only_students=["ada"])
    assert candidates(submission)[0].name == "x.ipynb"
    (remark,) = submission.remarks
    assert f"{FIRST} (1), {FIRST}.ipynb" in remark


def test_two_folders_that_could_be_meant_cost_that_student_alone(submitted: Path) -> None:
    put(submitted / "ada", "01-denoising/x.ipynb", "1_denoising/x.ipynb")
    said = taken(look_through(submitted, COURSE))
    assert "2 folders that could be your submission: 01-denoising, 1_" in said["ada"][FIRST]
    assert said["honest"] == {FIRST: f"{FIRST}/{FIRST}.ipynb"}


def test_an_empty_folder_is_no_obstacle(submitted: Path) -> None:
    put(submitted / "ada", f"{FIRST}/timestamp.txt", "01-denoising/x.ipynb")
    put(submitted / "ben", f"{FIRST}/", f"{FIRST}.ipynb")
    put(submitted / "chloe", f"{FIRST}/")
    said = taken(look_through(submitted, COURSE))
    assert said["ada"] == {FIRST: "01-denoising/x.ipynb"}
    assert said["ben"] == {FIRST: f"{FIRST}.ipynb"}
    assert "Nothing was handed in" in said["chloe"][FIRST]


def test_notebooks_without_a_folder_are_told_apart_by_their_names(submitted: Path) -> None:
    put(submitted / "ada", "01-Denoising.ipynb", "07_hybrid_images.zip", "x.ipynb", "notes.txt")
    found = look_through(submitted, COURSE)
    assert taken(found)["ada"] == {FIRST: "01-Denoising.ipynb", COURSE[3]: "07_hybrid_images.zip"}
    assert "x.ipynb was skipped" in str(found.left_out)


def test_one_assignment_alone_needs_no_name(submitted: Path) -> None:
    put(submitted / "ada", "homework.ipynb", "timestamp.txt")
    put(submitted / "ben", "homework.ipynb", f"{COURSE[3]}/x.ipynb")
    found = look_through(submitted, COURSE)
    assert "ada" not in taken(found)
    found = look_through(submitted, COURSE, [FIRST])
    assert taken(found)["ada"] == {FIRST: "homework.ipynb"}
    assert "ben" not in taken(found), "his may be for another"
    assert [left.student for left in found.left_out] == ["ben"]


def test_everybody_is_graded_or_named(submitted: Path) -> None:
    put(submitted, "ada/essay.docx", "ben/", f".hidden/{FIRST}/x.ipynb", ".git/x", "lost.ipynb")
    put(submitted, "__MACOSX/ada/x.ipynb", f"chloe/{COURSE[3]}/x.ipynb")
    put(submitted / b"\xff\n".decode(errors="surrogateescape"), "z.docx")
    found = look_through(submitted, COURSE)
    said = "\n".join(map(str, found.left_out))
    assert "ada: nothing in the folder is named after an assignment; it contains essay" in said
    assert "ben: nothing in the folder is named after an assignment; it's empty" in said
    assert "lost.ipynb: it isn't in a student's folder" in said
    assert [s.student.partition("~")[0] for s in found.submissions] == ["hidden", "chloe", "honest"]
    assert len(found.left_out) == 4
    assert all(line.isprintable() for line in said.splitlines())
    only = look_through(submitted, COURSE, [FIRST])
    assert "chloe" not in str(only.left_out), "handed in for another assignment"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_named(submitted: Path) -> None:
    folder = put(submitted / "ada", f"{FIRST}/x.ipynb")
    folder.chmod(0)
    try:
        found = look_through(submitted, COURSE)
    finally:
        folder.chmod(0o700)
    assert "can't be read" in str(found.left_out)


def test_an_odd_name_is_graded_under_another(submitted: Path) -> None:
    folder = os.fsdecode(b"Jos\xe9")
    put(submitted / folder / FIRST, b"Pr\xe1ctica\n1.ipynb")
    for called in ((), [folder], [r"Jos\xe9"]):
        found = find_submissions(submitted, COURSE, only_students=called)
        (submission,) = (s for s in found if s.student != "honest")
        assert submission.student.startswith("Jos_~")
        assert r"“Jos\xe9”" in submission.remarks[0]
        assert candidates(submission)[0].exists()
    assert find_submissions(submitted, COURSE, only_students=[submission.student])
    with pytest.raises(CommandError) as said:
        find_submissions(submitted, COURSE, only_students=["Jos\udcea"])
    assert str(said.value).isprintable()
    assert "Jos_~" in str(said.value)


def test_a_course_without_submissions_is_a_sentence(tmp_path: Path) -> None:
    put(tmp_path, b"ada\xff/01_denoisng\x1b/x.ipynb")
    with pytest.raises(CommandError, match=r"Did you mean '01_denoising'\?") as said:
        look_through(tmp_path, COURSE)
    assert r"01_denoisng\x1b" in str(said.value)
    str(said.value).encode()


def files(folder: Path) -> list[str]:
    """The candidates of a submission."""
    return [str(f.relative_to(folder)) for f in candidates(Submission("ada", FIRST, folder))]


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["a.ipynb"], ["a.ipynb"]),
        ([f"{FIRST}.ipynb", f"{FIRST} (1).ipynb"], [f"{FIRST}.ipynb", f"{FIRST} (1).ipynb"]),
        (
            [f"{FIRST}.ipynb", f"{FIRST} (1).ipynb", f"{FIRST} (2).ipynb", "a.ipynb", "b.ipynb"],
            [f"{FIRST}.ipynb", f"{FIRST} (2).ipynb", f"{FIRST} (1).ipynb", "a.ipynb"],
        ),
        ([f"{FIRST}-Copy1.ipynb", "a.ipynb"], [f"{FIRST}-Copy1.ipynb", "a.ipynb"]),
        (["01-Denoising.ipynb", "a.ipynb"], ["01-Denoising.ipynb", "a.ipynb"]),
        ([f"{FIRST}.ipynb", f"{FIRST}.py"], [f"{FIRST}.ipynb", f"{FIRST}.py"]),
        (["a.py", "b.ipynb", "c.txt"], ["b.ipynb", "a.py", "c.txt"]),
        (["A.IPYNB", "timestamp.txt"], ["A.IPYNB"]),
        (["hw/a.ipynb", "readme.txt"], ["hw/a.ipynb", "readme.txt"]),
        (
            ["x/y/a.ipynb", "x/y/.ipynb_checkpoints/a.ipynb", "__MACOSX/x/a.ipynb"],
            ["x/y/a.ipynb"],
        ),
        (["a.zip", "b/a.ipynb"], ["a.zip"]),
        ([f"{FIRST}.ipynb/a.ipynb"], [f"{FIRST}.ipynb/a.ipynb"]),
    ],
)
def test_the_likeliest_comes_first(names: list[str], first: list[str], tmp_path: Path) -> None:
    assert files(put(tmp_path, *names)) == first
    assert len(first) <= MOST_CANDIDATES


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ([], "Nothing was handed in"),
        (["timestamp.txt"], "Nothing was handed in"),
        (["essay.docx"], "only essay.docx"),
        (["a.ipynb", "b.ipynb"], "2 files that could be your submission: a.ipynb, b.ipynb"),
        ([f"{FIRST} (1).ipynb", f"{FIRST} (2).ipynb"], "2 files"),
        (["b/a.ipynb", "c/a.ipynb"], "2 files that could be your submission: b/a.ipynb, c/a.ipynb"),
        ([b"\xff\n.docx"], r"only \xff\n.docx"),
        ([f"{k:03}.docx" for k in range(200)], "and 195 more"),
    ],
)
def test_what_is_not_plain_is_a_sentence(names: list[str], says: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as said:
        files(put(tmp_path, *names))
    assert says in str(said.value)
    assert str(said.value).isprintable()


def test_links_are_not_followed_and_depth_has_an_end(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside", "a.ipynb")
    inside = put(tmp_path / "inside", "/".join("abcdefgh") + "/a.ipynb")
    (inside / "link").symlink_to(outside)
    with pytest.raises(Unreadable, match="There's no notebook"):
        files(inside)

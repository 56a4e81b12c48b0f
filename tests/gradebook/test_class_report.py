"""What the instructor is told of a class."""

import random
import statistics

import pytest
import torch

from autograder.course.solution import read_solutions
from autograder.demo import samples
from autograder.gradebook.class_report import UNKNOWN, class_reports, render
from autograder.grading.fingerprint import fingerprint
from autograder.grading.records import Mark, Record
from autograder.grading.refusals import refusals
from autograder.submission.suspicion import LONGEST, MOST, suspicious_code
from pset.checks import ALL_CHECKS
from pset.checks.calling import Outcome
from pset.checks.judging import Verdict

SOLUTIONS = read_solutions()


def mark(exercise: str, status: str, mistake: str | None = None, print_: str = "") -> Mark:
    return Mark(
        exercise=exercise, title=f"title {exercise}", function="f", status=status,
        points=10 * (status == "right"), max_points=10, message="", mistake=mistake,
        fingerprint=print_,
    )  # fmt: skip


def record(student: str, marks: list[Mark], **more) -> Record:
    return Record(student=student, assignment="01_denoising", key="k", marks=marks, **more)


def test_it_counts_marks_and_mistakes() -> None:
    swapped = mark("1.1", "wrong", "weights_swapped")
    records = [
        record("a", [mark("1.1", "right"), mark("1.3", "right")], seconds=3),
        record("b", [swapped, mark("1.3", "not done")], seconds=9),
        record("c", [swapped, mark("1.3", "failed")]),
        record("d", [mark("1.1", "wrong"), mark("1.3", "right")]),
        record("e", [mark("1.1", "missing"), mark("1.3", "missing")], trouble="It is a PDF."),
    ]
    (report,) = class_reports(records)
    first, second = report.exercises
    assert (first.right, first.tried, first.undone) == (1, 4, 0)
    assert (second.right, second.tried, second.undone) == (2, 3, 1)
    assert [(m.name, m.count) for m in first.mistakes] == [("weights_swapped", 2), (UNKNOWN, 1)]
    assert first.mistakes[0].says == ALL_CHECKS["1.1"].mistake("weights_swapped").says
    assert first.mistakes[0].share == 0.5
    assert "too hard?" in first.remark
    assert second.remark == ""
    assert report.bins == [2, 0, 0, 0, 0, 1, 0, 0, 0, 1], "0, 0, 50 and 100 percent"
    assert [r.student for r in report.refused] == ["e"]
    assert [r.student for r in report.slowest][:2] == ["b", "a"]
    assert "mean 7.5, median 5, from 0 to 20, of 20 points" in report.summary


def test_discrimination_is_the_correlation_with_the_rest() -> None:
    rng = random.Random(4)
    good = [rng.random() < 0.5 for _ in range(40)]
    records = [
        record(
            f"s{k}",
            [
                mark("1.1", "right" if g else "wrong"),
                mark("1.2", "right" if g else "wrong"),
                mark("1.3", "right" if rng.random() < 0.5 else "wrong"),
            ],
        )
        for k, g in enumerate(good)
    ]
    (report,) = class_reports(records)
    first, _, chance = report.exercises
    points = [[m.points for m in r.marks] for r in records]
    rest = [p[1] + p[2] for p in points]
    assert first.discrimination == pytest.approx(
        statistics.covariance([p[0] for p in points], rest)
        / (statistics.stdev([p[0] for p in points]) * statistics.stdev(rest))
    )
    assert first.discrimination > 0.5 > abs(chance.discrimination)
    assert class_reports(records[:5])[0].exercises[0].discrimination is None
    everybody = [record(f"s{k}", [mark("1.1", "right")]) for k in range(20)]
    assert class_reports(everybody)[0].exercises[0].discrimination is None


def test_the_same_wrong_tensors_are_brought_together() -> None:
    records = [
        record("a", [mark("1.1", "wrong", print_="x")]),
        record("b", [mark("1.1", "wrong", print_="x")]),
        record("c", [mark("1.1", "wrong", print_="y")]),
        record("d", [mark("1.1", "right")]),
        record("e", [mark("1.1", "right")], suspicious=["imports socket"]),
    ]
    (report,) = class_reports(records)
    assert [(s.exercise, s.students) for s in report.same] == [("1.1", ["a", "b"])]
    assert [r.student for r in report.suspicious] == ["e"]
    page = render([report]).decode()
    assert "1.1: a, b" in page
    assert "imports socket" in page


def test_a_class_in_which_nothing_could_be_graded_has_a_report() -> None:
    refused = record("a", [mark("1.1", "missing")], trouble="It is <b>empty</b>.")
    (report,) = class_reports([refused])
    page = render([report]).decode()
    assert "nothing could be graded" in page
    assert "&lt;b&gt;empty&lt;/b&gt;" in page


def verdict(status: str = "wrong", mistake: str | None = None) -> Verdict:
    return Verdict("1.1", "t", "f", status, 0, 10, "", mistake=mistake)


def test_only_telling_answers_have_a_fingerprint() -> None:
    cases = ALL_CHECKS["1.1"].cases(7)
    own = [Outcome("returned", 0.9 * c.arguments["im"]) for c in cases]
    again = [Outcome("returned", 0.9 * c.arguments["im"].clone()) for c in cases]
    other = [Outcome("returned", 0.9 * c.arguments["im"] + 1e-6) for c in cases]
    first = fingerprint(verdict(), cases, own)
    assert first
    assert fingerprint(verdict(), cases, again) == first
    assert fingerprint(verdict(), cases, other) not in ("", first)
    for nothing in (
        [Outcome("returned", c.arguments["im"]) for c in cases],
        [Outcome("returned", torch.zeros_like(c.arguments["im"])) for c in cases],
    ):
        assert fingerprint(verdict(), cases, nothing) == ""
    assert fingerprint(verdict("right"), cases, own) == ""
    assert fingerprint(verdict("failed"), cases, [Outcome("raised")]) == ""
    assert fingerprint(verdict(mistake="weights_swapped"), cases, own) == ""


@pytest.mark.parametrize("name", SOLUTIONS)
def test_honest_work_is_not_suspicious(name: str) -> None:
    solution = SOLUTIONS[name]
    for notebook in (samples.right(solution), samples.untouched(solution)):
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        first = 2  # before it: the badge, and the cell that installs the package
        assert suspicious_code(code[first:]) == []


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import ctypes.util", "imports ctypes.util"),
        ("from multiprocessing import Pool", "imports multiprocessing"),
        ("torch.allclose = lambda *a: True", "changes torch.allclose"),
        ("setattr(torch, 'equal', f)", "changes torch"),
        ("sys.modules['pset'] = x", "changes sys.modules"),
        ("def f():\n    os.fork()", "uses fork"),
        ("class T:\n    def __eq__(self, o): return True", "defines __eq__"),
        ("open('/proc/self/environ')", "mentions /proc/"),
        ("%time\ngc.get_objects()", "uses get_objects"),
        ("!cat ../solutions/01.py\nx = 1", "mentions solutions/"),
        ("%%bash\ncat /proc/1/environ", "mentions /proc/"),
    ],
)
def test_attempts_are_seen(code: str, what: str) -> None:
    assert suspicious_code(["x = 1", code]) == [f"code cell 2 {what}"]


def test_settings_are_no_attempts() -> None:
    cells = ["torch.backends.cudnn.benchmark = True", "x = torch.ones(3)\nx.requires_grad = True"]
    assert suspicious_code(cells) == []


def test_what_was_refused_is_told_in_short() -> None:
    error = "PermissionError: [Errno 1]\n" + "\x1b[2J" + "x" * 5000
    (line,) = refusals({"1.1": [Outcome("raised", error=error)]})
    assert line.startswith("1.1: PermissionError")
    assert len(line) <= LONGEST
    assert "\x1b" not in line
    note = "Code cell 3 stopped with PermissionError: x\nin f, line 1: fork()"
    assert refusals({}, ["Code cell 1 is not valid", note]) == [note.replace("\n", " ")]
    assert len(suspicious_code([f"import socket{k}.x, socket" for k in range(99)])) <= MOST

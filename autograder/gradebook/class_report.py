"""The class report: marks, common mistakes, hard exercises, and what looks odd."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.challenge.leaderboard import Place, leaderboard
from autograder.course.solution import read_solution
from autograder.grading.feedback import templates
from autograder.grading.records import Mark, Record
from autograder.paths import ROOT
from autograder.similarity.alike import MOST_PAIRS, Alike, alike, forced_by
from autograder.submission.find import LeftOut
from pset.challenge.settings import EXERCISE, installed_settings
from pset.checks import ALL_CHECKS
from pset.checks.definition import heading
from pset.course import course_file, points_for, read_course

BINS = 10
FEWEST = 8
"""With fewer submissions, a correlation isn't meaningful."""

HARD, UNRELATED = 0.5, 0.2
"""An exercise is hard below this share of right answers, and unrelated below this correlation."""

CLASS_PAGE = "class.html"
"""The report's file name, in the folder of results."""

LEADERBOARD_PAGE = "leaderboard.html"
"""The file name of the leaderboard alone, beside it."""

SLOWEST = 5
UNKNOWN = "wrong, but no known mistake"
SAYS = {"borrowed": "Calls the course's own answer in pset."}
"""Explanations of outcomes that aren't known mistakes."""


@dataclass(frozen=True)
class Mistake:
    """How often a mistake was made.

    Args:
        name: its key, or `UNKNOWN`.
        says: the feedback that students get.
        count, share: of those who handed the exercise in.
    """

    name: str
    says: str
    count: int
    share: float


@dataclass(frozen=True)
class Exercise:
    """How a class did in one exercise.

    Args:
        name, title, max_points: of it.
        right, tried, undone: students who got it right; who tried; who didn't.
        mistakes: the most frequent first.
        discrimination: correlation of its points with all the other points, in [-1, 1]; None where
            there are too few submissions, or nothing varies.
    """

    name: str
    title: str
    max_points: float
    right: int
    tried: int
    undone: int
    mistakes: list[Mistake]
    discrimination: float | None

    @property
    def heading(self) -> str:
        """Its number, if it has one, and its title."""
        return heading(self.name, self.title)

    @property
    def rate(self) -> float:
        """Share of right answers among those who tried."""
        return self.right / self.tried if self.tried else 0.0

    @property
    def remark(self) -> str:
        """What to look into."""
        found = []
        if self.tried and self.rate < HARD:
            found.append("too hard?")
        if self.discrimination is not None and self.discrimination < UNRELATED:
            found.append("unrelated to the other exercises")
        return ", ".join(found)


@dataclass(frozen=True)
class AlikeAnswers:
    """Pairs of right answers to one exercise whose code is alike, the most alike first."""

    heading: str
    pairs: list[Alike]

    @property
    def is_cut_off(self) -> bool:
        """Whether there may be more pairs than these."""
        return len(self.pairs) == MOST_PAIRS


@dataclass(frozen=True)
class Same:
    """Students who returned the same wrong tensors, to the last bit, on hidden inputs."""

    exercise: str
    students: list[str]


@dataclass(frozen=True)
class ClassReport:
    """One assignment of a class.

    Args:
        assignment: its name.
        records: all of them, by student.
        max_score: the largest possible score, without points given by hand.
        bins: how many earned 0–10 %, 10–20 %, … of it; full marks are in the last one.
        exercises: in order.
        slowest: records, the slowest first.
        refused: records that couldn't be graded.
        same: groups of students with identical wrong answers.
        alike: exercises with right answers that are alike.
        suspicious: records with something worth a look.
        remarked: records with remarks on their folder.
        lacking: library that the course allows and this computer lacks → students who import it.
        places: the challenge's leaderboard.
    """

    assignment: str
    records: list[Record]
    max_score: float
    bins: list[int]
    exercises: list[Exercise]
    slowest: list[Record]
    refused: list[Record]
    same: list[Same]
    alike: list[AlikeAnswers]
    suspicious: list[Record]
    remarked: list[Record]
    lacking: dict[str, list[str]]
    places: list[Place]

    @property
    def graded(self) -> list[Record]:
        """The records that could be graded."""
        return [record for record in self.records if not record.trouble]

    @property
    def summary(self) -> str:
        """Mean, median and spread, in a line."""
        scores = [record.total for record in self.graded]
        if not scores:
            return "nothing could be graded"
        return (
            f"mean {statistics.mean(scores):.1f}, median {statistics.median(scores):g}, "
            f"from {min(scores):g} to {max(scores):g}, of {self.max_score:g} points"
        )


def class_reports(records: Iterable[Record]) -> list[ClassReport]:
    """A report for each assignment, in the order of their names."""
    by_assignment: dict[str, list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda record: record.student):
        by_assignment[record.assignment].append(record)
    return [_report(name, by_assignment[name]) for name in sorted(by_assignment)]


def render(reports: Sequence[ClassReport], left_out: Sequence[LeftOut] = ()) -> bytes:
    """Render the page: a single file without scripts; everything a student wrote is escaped."""
    html = templates.get_template("class_report.html").render(
        course=read_course(course_file())["course"], reports=reports, left_out=left_out
    )
    return html.encode("utf-8", "replace")


def render_leaderboard(places: Sequence[Place]) -> bytes:
    """Render a page with the leaderboard alone, which may be shown to the class."""
    html = templates.get_template("leaderboard.html").render(
        course=read_course(course_file())["course"], places=places
    )
    return html.encode("utf-8", "replace")


def _report(assignment: str, records: list[Record]) -> ClassReport:
    graded = [record for record in records if not record.trouble]
    max_score = max(record.max_score for record in records)
    bins = [0] * BINS
    for record in graded:
        share = record.total / max_score if max_score else 0.0
        bins[min(BINS - 1, int(share * BINS))] += 1
    # Older records may lack an exercise, or have an extra one.
    names = dict.fromkeys(mark.exercise for record in graded for mark in record.marks)
    return ClassReport(
        assignment=assignment,
        records=records,
        max_score=max_score,
        bins=bins,
        exercises=[_exercise(name, graded) for name in names],
        slowest=sorted(graded, key=lambda record: -record.seconds)[:SLOWEST],
        refused=[record for record in records if record.trouble],
        same=_same(graded),
        alike=_alike(assignment, graded),
        suspicious=[record for record in records if record.suspicious],
        remarked=[record for record in records if record.remarks],
        lacking={
            library: [record.student for record in records if library in record.lacking]
            for library in sorted({name for record in records for name in record.lacking})
        },
        places=_places(graded),
    )


def _places(graded: Sequence[Record]) -> list[Place]:
    entries = [record.entry for record in graded if record.entry is not None]
    if not entries:
        return []
    return leaderboard(entries, installed_settings(), points_for(EXERCISE))


def _exercise(name: str, graded: Sequence[Record]) -> Exercise:
    pairs = [(record, mark) for record in graded for mark in record.marks if mark.exercise == name]
    marks = [mark for _, mark in pairs]
    tried = [mark for mark in marks if mark.status != "not done"]
    return Exercise(
        name=name,
        title=marks[0].title,
        max_points=marks[0].max_points,
        right=sum(mark.status == "right" for mark in tried),
        tried=len(tried),
        undone=len(marks) - len(tried),
        mistakes=_mistakes(tried),
        discrimination=_correlation(
            [record.points_of(mark) for record, mark in pairs],
            [record.score - record.points_of(mark) for record, mark in pairs],
        ),
    )


def _mistakes(tried: Sequence[Mark]) -> list[Mistake]:
    counts = Counter(
        (mark.mistake or (UNKNOWN if mark.status == "wrong" else mark.status), mark.exercise)
        for mark in tried
        if mark.status != "right"
    )
    return [
        Mistake(name, _says(exercise, name), count, count / len(tried))
        for (name, exercise), count in counts.most_common()
    ]


def _says(exercise: str, key: str) -> str:
    check = ALL_CHECKS.get(exercise)
    known = {mistake.key: mistake.says for mistake in check.mistakes} if check else {}
    return known.get(key, SAYS.get(key, ""))


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    if len(one) < FEWEST or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return statistics.correlation(one, other)


def _same(graded: Sequence[Record]) -> list[Same]:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in graded:
        for mark in record.marks:
            if mark.fingerprint:
                groups[mark.exercise, mark.fingerprint].append(record.student)
    return [Same(e, students) for (e, _), students in groups.items() if len(students) > 1]


def _alike(assignment: str, graded: Sequence[Record]) -> list[AlikeAnswers]:
    codes: dict[str, dict[str, str]] = defaultdict(dict)  # heading of the exercise → …
    for record in graded:
        for mark in record.marks:
            if mark.status == "right" and mark.code:
                codes[heading(mark.exercise, mark.title)][record.student] = mark.code
    if not codes:
        return []
    source = ROOT / "solutions" / f"{assignment}.py"
    cells = read_solution(source).source.cells if source.is_file() else ()
    forced = forced_by(cell.text for cell in cells if cell.kind == "code")
    found = [AlikeAnswers(name, alike(those, forced)) for name, those in codes.items()]
    return [answers for answers in found if answers.pairs]

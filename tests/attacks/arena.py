"""A course with secrets in it, all attacks handed in, graded once for each way of isolation."""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.course.secret import find_secret
from autograder.course.solution import read_solutions
from autograder.demo.samples import hand_in
from autograder.grading.assignment import Assignment
from autograder.grading.grade_one import grade_one
from autograder.grading.records import Record
from autograder.grading.result_store import ResultStore
from autograder.grading.work import read_work
from autograder.paths import ROOT
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.layers.report import Report
from autograder.sandbox.sandbox import Sandbox
from autograder.submission.find import Submission
from tests.attacks.attack import Attack
from tests.attacks.corpus import CORPUS, LINKS
from tests.attacks.listeners import Listeners
from tests.attacks.traces import planted

ASSIGNMENT = "01_denoising"
EXERCISES = ("1.1", "1.2")
LIMITS = Limits(
    notebook_seconds=2,
    call_seconds=1.5,
    grace_seconds=0.5,
    memory=4 << 30,
    file_size=16 << 20,
    disk=64 << 20,
)
CANARY = "canary-"
"""Every secret of the arena begins with this, and attacks that succeed say it."""


@dataclass
class Battle:
    """What came of all attacks in one way of isolation.

    Args:
        report: of the layers that were on.
        records: attack → its grade.
        witnesses: attack → the grade of an honest submission right after it.
        told: attack → all that was written for the student and the assistants.
        visits: to the listening sockets.
        survivors: processes that were left.
        planted: files that were left or changed.
        same_parent: whether the warm parent at the end was that of the beginning.
    """

    report: Report
    records: dict[str, Record] = field(default_factory=dict)
    witnesses: dict[str, Record] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    visits: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)
    planted: list[str] = field(default_factory=list)
    same_parent: bool = True


class Arena:
    """The course.

    Args:
        folder: a fresh one, that everybody may write: an instructor can be careless.
        attacks: by name.
        links: submissions that are no files, by name.
    """

    def __init__(
        self,
        folder: Path,
        attacks: Mapping[str, Attack] = CORPUS,
        links: Mapping[str, Callable[[Path, Mapping[str, str]], None]] = LINKS,
    ) -> None:
        self.folder, self._attacks, self._links = folder, attacks, links
        self.submitted, self.results = folder / "submitted", folder / "results"
        self.secret = folder / "secret"
        self.secret.write_text(CANARY + secrets.token_hex(16))
        self.listeners = Listeners(folder)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        os.environ["A_COURSE_SECRET"] = CANARY + "in-the-environment"
        self.results.mkdir()
        (self.results / "grades.csv").write_text(CANARY + "in-the-results\n")
        self.places = {
            "SECRET": str(self.secret),
            "SUBMITTED": str(self.submitted),
            "RESULTS": str(self.results),
            "CACHE": str(folder / "cache"),
            "GRADER": str(os.getpid()),
            "ROOT": str(ROOT),
            **self.listeners.places,
        }
        neighbour = Attack(before=f"# {CANARY}in-a-submission")
        self._hand_in("neighbour", neighbour)
        self._hand_in("witness", Attack())
        for student, attack in attacks.items():
            self._hand_in(student, attack)
        for student, make in links.items():
            place = self.submitted / student / ASSIGNMENT
            place.mkdir(parents=True)
            make(place, self.places)
        secret = find_secret(self.secret, self.results)
        prepared = Assignment.prepare(read_solutions()[ASSIGNMENT], secret)
        self._assignment = replace(
            prepared, judges={name: prepared.judges[name] for name in EXERCISES}
        )
        for path in [folder, *folder.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o777 if path.is_dir() else 0o666)

    def fight(self, isolation: Isolation) -> Battle:
        """Grade every attack, and after each an honest submission.

        Raises:
            CommandError: that isolation is not to be had here.
        """
        before = self._state()
        with Sandbox(LIMITS, isolation) as sandbox:
            sandbox.warm()
            launcher = sandbox.launcher
            parent = launcher._parent.pid
            scratch = str(launcher._scratch)
            battle = Battle(launcher.report)
            store = ResultStore(self.results)

            def grade(submission: Submission) -> Record:
                work = read_work(submission, self._assignment.key)
                return store.save(work, grade_one(work, self._assignment, sandbox))

            def attack(student: str) -> None:
                battle.records[student] = grade(self._submission(student))
                witness = replace(self._submission("witness"), student=f"after-{student}")
                battle.witnesses[student] = grade(witness)

            with ThreadPoolExecutor(2) as pool:
                list(pool.map(attack, [*self._attacks, *self._links]))
            battle.same_parent = launcher._parent.pid == parent
        for student in battle.records:
            pages = (self.results / student / ASSIGNMENT).iterdir()
            battle.told[student] = "\n".join(page.read_text(errors="replace") for page in pages)
        battle.visits = list(self.listeners.visits)
        battle.survivors = list(_processes_of(scratch))
        battle.planted = [*planted(), *self._changes(before)]
        return battle

    def _hand_in(self, student: str, attack: Attack) -> None:
        data = _filled(json.dumps(attack.notebook()), self.places)
        files = attack.pack(data) if attack.pack else {f"{ASSIGNMENT}.ipynb": data}
        for name, content in files.items():
            hand_in(self.submitted, student, ASSIGNMENT, content, name)
        if attack.beside:
            attack.beside(self.submitted / student / ASSIGNMENT, self.places)

    def _submission(self, student: str) -> Submission:
        return Submission(student, ASSIGNMENT, self.submitted / student / ASSIGNMENT)

    def _state(self) -> dict[str, str]:
        """All that grading has no business to change."""
        paths = [self.secret, *self.submitted.rglob("*"), *(self.folder / "cache").rglob("*")]
        return {str(path): _fingerprint(path) for path in paths}

    def _changes(self, before: Mapping[str, str]) -> list[str]:
        after = self._state()
        names = before.keys() | after.keys()
        found = [name for name in names if before.get(name) != after.get(name)]
        students = [*self._attacks, *self._links]
        expected = {"grades.csv", *students, *(f"after-{name}" for name in students)}
        found += [str(p) for p in self.results.iterdir() if p.name not in expected]
        for pages in self.results.glob(f"*/{ASSIGNMENT}"):
            found += [
                str(page)
                for page in pages.iterdir()
                if page.name not in ("results.json", "feedback.html")
            ]
        if "planted" in (self.results / "grades.csv").read_text():
            found.append("grades.csv")
        return found


@contextmanager
def arena(folder: Path, attacks: Mapping[str, Attack] = CORPUS) -> Iterator[Arena]:
    """An arena, and everything closed after it."""
    kept = {name: os.environ.get(name) for name in ("XDG_CACHE_HOME", "A_COURSE_SECRET")}
    place = Arena(folder, attacks, LINKS if attacks is CORPUS else {})
    try:
        yield place
    finally:
        place.listeners.close()
        for name, value in kept.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _filled(text: str, places: Mapping[str, str]) -> bytes:
    for word, place in places.items():
        text = text.replace(f"@{word}@", place)
    return text.encode()


def _fingerprint(path: Path) -> str:
    status = path.lstat()
    what = f"{status.st_mode:o} {status.st_uid} {status.st_mtime_ns}"
    if path.is_file() and not path.is_symlink():
        what += hashlib.sha256(path.read_bytes()).hexdigest()
    return what


def _processes_of(scratch: str) -> Iterator[str]:
    """Processes that a launcher's warm parent has left: forks keep its command line."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if scratch in said and int(path.parent.name) != os.getpid():
            yield f"{path.parent.name}: {said[:200]}"

"""Inside the sandbox: one attack is handed in to an nbgrader course, and what comes of it is said.

`python -m benchmarks.victim NAME` is the watcher. It starts nbgrader as another user, who may do
all that an instructor may: the course, the gradebook, the package and the student's code are the
same user's. What the watcher prints last is one line of JSON.
"""

import json
import os
import re
import secrets
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from autograder.paths import ROOT
from benchmarks.attacking_submission import ASSERTED, ASSIGNMENT, CHECKED, submission
from benchmarks.sandbox import BASE, LAB, USER
from tests.attacks.attack import Attack
from tests.attacks.corpus import CORPUS, LINKS
from tests.attacks.listeners import Listeners
from tests.attacks.traces import planted_in_memory

MARKS = """
select base_cell.name, grade.auto_score, grade.manual_score, grade.extra_credit
from grade
join base_cell on base_cell.id = grade.cell_id
join submitted_notebook on submitted_notebook.id = grade.notebook_id
join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
where submitted_assignment.student_id = ?
"""
"""Read as plain SQL: an attack may have changed what nbgrader's own classes need."""
MANY = 50
"""Changed files that are named: some attacks make thousands."""
SECONDS = 300
"""For nbgrader and all that it starts."""
TOKEN = f"token-{secrets.token_hex(8)}"
LIVE = (
    r"<script[^>]*>[^<]*alert\(1\)\s*</script>",
    r"<img[^>]*\sonerror=\"?alert\(1\)",
    r"<svg[^>]*[\s/]onload=\"?alert\(1\)",
    r"<iframe[^>]*\ssrc=\"?javascript:alert\(1\)",
)
"""Patterns of what a page would hold if somebody's script ran in it."""
START = (
    f"[ -L $1/{ASSIGNMENT}.ipynb ] || sed -i s/@GRADER@/$$/g $1/{ASSIGNMENT}.ipynb; "
    f"exec $0 -m nbgrader autograde {ASSIGNMENT} --student $2"
)
"""Tells the attack the number of the process that becomes nbgrader."""
PASSIVE = ("overfitting",)
"""Families that are for tests with fixed inputs: these run without the course's hidden ones."""
SPREADING = ("writing", "killing", "leftovers")
"""Families after which an honest submission is graded too."""
COURSE = LAB / "course"
CHECKOUT = LAB / "checkout"
EXPECTED = (
    f"{COURSE}/gradebook.db",
    f"{LAB}/gradebook.db",  # looking for one makes an empty one
    f"{LAB}/home",
    f"{LAB}/.",
    "/tmp/",
    "/dev/shm/",
)


def watch(name: str) -> dict[str, Any]:
    """Everything that came of one attack."""
    os.umask(0o022)
    _as_user(
        [
            "cp",
            "-r",
            "--preserve=mode",
            *(str(BASE / n) for n in ("course", "hidden", "checkout")),
            str(LAB),
        ]
    )
    _as_user(["sh", "-c", f"mkdir {LAB}/home; echo {TOKEN} > {LAB}/secret"])
    listeners = Listeners(LAB)
    places = {
        "SECRET": f"{LAB}/secret",
        "SUBMITTED": f"{COURSE}/submitted",
        "RESULTS": str(COURSE),
        "CACHE": f"{LAB}/hidden",
        "ROOT": str(CHECKOUT),
        **listeners.places,
    }
    if name in LINKS:
        _hand_in("witness", places)  # for a link to lead to
    before = dict(_files())
    began = time.monotonic()
    _hand_in(name, places)
    ended = _grade(name, hidden=name.partition("-")[0] not in PASSIVE)
    seconds = time.monotonic() - began
    survivors = [*_processes(), *planted_in_memory()]
    _kill_all()
    marks, neighbour = _marks(name), _marks("neighbour")
    changed = sorted(_changes(before, name))[:MANY]
    # An attack may have shut folders; what is in them is looked at all the same.
    subprocess.run(["chmod", "-R", "u+rwX,go+rX", str(COURSE)], check=False, **_user())
    found = {
        "ended": ended,
        "seconds": round(seconds, 1),
        "marks": marks,
        "leaks": _leaks(name),
        "visits": len(listeners.visits),
        "survivors": survivors,
        "changed": changed,
        "neighbour": neighbour,
        "live": _live(name) if name.startswith("script") else [],
    }
    if name.partition("-")[0] in SPREADING:
        _hand_in("witness", places)
        ended = _grade("witness", hidden=True)
        found["witness"] = _marks("witness") if ended == 0 else None
    return found


def _hand_in(name: str, places: dict[str, str]) -> None:
    folder = COURSE / "submitted" / name / ASSIGNMENT
    folder.mkdir(parents=True)
    for each in (folder, folder.parent):
        each.chmod(0o777)
    if name in LINKS:
        LINKS[name](folder, places)
        return
    attack = CORPUS.get(name, Attack())
    text = json.dumps(submission(attack))
    for word, place in places.items():
        text = text.replace(f"@{word}@", place)
    data = text.encode()
    files = attack.pack(data) if attack.pack else {f"{ASSIGNMENT}.ipynb": data}
    for file, content in files.items():
        (folder / file).write_bytes(content)
    if attack.beside:
        attack.beside(folder, places)


def _grade(name: str, hidden: bool) -> int | None:
    """nbgrader's exit code; None if it had to be stopped."""
    environment = _environment()
    if hidden:
        environment["PSET_REFERENCES"] = f"{LAB}/hidden"
    with open(LAB / f".log-{name}", "wb") as log:
        process = subprocess.Popen(
            ["sh", "-c", START, sys.executable, f"submitted/{name}/{ASSIGNMENT}", name],
            cwd=COURSE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **_user(),
        )
        try:
            return process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None


def _environment() -> dict[str, str]:
    return dict(os.environ) | {
        "HOME": f"{LAB}/home",
        "A_COURSE_SECRET": TOKEN,
        "PYTHONPATH": str(CHECKOUT),
    }


def _user() -> dict[str, Any]:
    """Root takes another user's place; others stay who they are."""
    return {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}


def _as_user(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, **_user())


def _marks(student: str) -> dict[str, float] | None:
    """Points by kind of check; None where nbgrader has no marks."""
    try:
        with closing(sqlite3.connect(f"file:{COURSE}/gradebook.db?mode=ro", uri=True)) as gradebook:
            rows = gradebook.execute(MARKS, [student]).fetchall()
    except sqlite3.Error:  # an attack has been at it
        return {"damaged": 0.0}
    if all(auto is None for _, auto, _, _ in rows):
        return None
    points = {
        name: (auto if manual is None else manual) + (extra or 0) if auto is not None else 0.0
        for name, auto, manual, extra in rows
    }
    return {"checked": sum(points.get(c, 0) for c in CHECKED), "asserted": points[ASSERTED]}


def _leaks(name: str) -> list[str]:
    """Secrets in what is shown to the student: the outputs of the notebook that nbgrader ran."""
    said = []
    for path in (COURSE / "autograded" / name).rglob("*.ipynb"):
        content = _content(path)
        try:
            cells = json.loads(content)["cells"]
        except (ValueError, KeyError):
            continue
        said += [json.dumps(cell.get("outputs", [])) for cell in cells]
    text = "\n".join(said)
    found = ["a secret"] if TOKEN in text else []
    if re.search(r"Error: [^\n]{0,400}canary-", text):
        found.append("what it looked for")
    return found


def _live(name: str) -> list[str]:
    """Markup of the student's that is live in the feedback page."""
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", ASSIGNMENT, "--student", name]
    subprocess.run(
        command, cwd=COURSE, env=_environment(), capture_output=True, timeout=SECONDS, **_user()
    )
    pages = [_content(p) for p in (COURSE / "feedback" / name).rglob("*.html")]
    return [markup for markup in LIVE if any(re.search(markup, page) for page in pages)]


def _processes() -> Iterator[str]:
    """What the other user still has running after nbgrader has ended."""
    time.sleep(1)  # a kernel that is on its way out may go
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        is_other = folder.stat().st_uid == USER if os.geteuid() == 0 else False
        if is_other and state != "Z":
            program = Path(words[0].decode(errors="replace")).name
            yield b" ".join([program.encode(), *words[1:3]]).decode(errors="replace")[:80]


def _kill_all() -> None:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == USER:
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue


def _files() -> Iterator[tuple[str, tuple[int, ...]]]:
    """All files that nbgrader's user may write, and what changes with them."""
    for root in (LAB, Path("/tmp"), Path("/dev/shm")):
        for path in root.rglob("*"):
            try:
                status = path.lstat()
            except OSError:  # an attack has shut its folder
                yield str(path), ()
                continue
            if stat.S_ISREG(status.st_mode) and not path.is_relative_to(ROOT):
                yield str(path), (status.st_ino, status.st_size, status.st_ctime_ns)


def _changes(before: dict[str, tuple[int, ...]], name: str) -> Iterator[str]:
    """Files that nbgrader has no business to change, and those that the attack left."""
    now = dict(_files())
    own = tuple(f"{COURSE}/{stage}/{name}/" for stage in ("submitted", "autograded", "feedback"))
    for path in before.keys() | now.keys():
        if before.get(path) == now.get(path):
            continue
        is_expected = path.startswith((*EXPECTED, *own)) or "__pycache__" in path
        is_log = path.startswith(f"{LAB}/.log-")  # may show what the attack says
        if not is_expected or "planted" in path or (not is_log and _says_planted(path)):
            yield path


def _says_planted(path: str) -> bool:
    """Whether an attack wrote its mark into a file; its own notebook and page hold it anyway."""
    return not path.endswith((".ipynb", ".html", ".zip")) and "planted" in _content(
        Path(path), 1 << 20
    )


def _content(path: Path, size: int = 64 << 20) -> str:
    try:
        with open(path, errors="replace") as file:
            return file.read(size)
    except OSError:
        return ""


if __name__ == "__main__":
    print(json.dumps(watch(sys.argv[1])))

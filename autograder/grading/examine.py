"""Run one submission's notebook, whatever state it's in, and call its functions."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.sandbox.launcher import Launcher
from autograder.sandbox.session import Session
from autograder.submission.notebook import Notebook
from autograder.submission.slicing import NOT_PYTHON
from pset.checks.calling import GLOBAL_SEED, Outcome
from pset.checks.definition import Case, Check
from pset.checks.diagnosis import Ask, Finding, driven
from pset.checks.judging import Judge
from pset.checks.own_work import withdrawn_for

DIAGNOSIS_SECONDS = 3.0
"""At most, for one exercise; what has been found by then is said."""


@dataclass
class Examination:
    """What reading a file and running its notebook has shown.

    Args:
        name: the file's name.
        notebook: what's in it; None if there's trouble.
        trouble: why it can't be graded.
        suspicious: what in its code is worth a look.
        answers: function → its code, with what it needs.
        outcomes: exercise → one outcome for each case, up to the first failure.
        findings: exercise → what a diagnosis found, where there was one.
        notes: on cells that could not be run.
        absent: modules that its cells could not import.
        cpu_seconds: that its processes used.
    """

    name: str = ""
    notebook: Notebook | None = None
    trouble: str | None = None
    suspicious: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    findings: dict[str, Finding | None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0

    @property
    def all_absent(self) -> list[str]:
        """The modules that its cells or its functions could not import."""
        calls = (outcome.absent for those in self.outcomes.values() for outcome in those)
        return list(dict.fromkeys([*self.absent, *filter(None, calls)]))

    @property
    def is_begun(self) -> bool:
        """Whether there is anything to grade; in a cell that isn't Python there isn't."""
        return any(
            outcome.status not in ("missing", "not done") and NOT_PYTHON not in outcome.error
            for outcomes in self.outcomes.values()
            for outcome in outcomes
        )


class Examiner:
    """Calls the functions of one notebook, and adds to its examination what they return.

    They share a process for as long as it lives. A function that fails there is tried again, so
    that it isn't penalised for another one's mistakes: in a fresh process, if others were called
    before it; and with all cells run, if it's missing or raises, because it may need another cell.
    If the cells that all functions need can't be run together, each function gets its own process.

    Args:
        launcher: starts the processes.
        examination: of a notebook that has been read.
        judges: exercise → who has its check and cases, and knows what's right.
    """

    def __init__(
        self,
        launcher: Launcher,
        examination: Examination,
        judges: Mapping[str, Judge],
    ) -> None:
        self._launcher = launcher
        self._examination = examination
        self._cells = examination.notebook.code if examination.notebook else []
        self._judges = judges
        self._selected: Session | None = None
        self._complete: Session | None = None
        self._can_share = True

    def examine(self, told: Callable[[Examination], None] = lambda so_far: None) -> None:
        """Call every check's function on its cases.

        Args:
            told: called with the results so far, before the first check and after each.
        """
        try:
            told(self._examination)
            functions = [judge.check.function for judge in self._judges.values()]
            for k, (exercise, judge) in enumerate(self._judges.items()):
                self._examination.outcomes[exercise] = self._outcomes(judge, functions[k:])
                told(self._examination)
        finally:
            self._leave(self._selected)
            self._leave(self._complete)

    def _outcomes(self, judge: Judge, functions: Sequence[str]) -> list[Outcome]:
        check = judge.check
        session = self._selected_session(check, functions)
        was_used = session.is_used
        outcomes = _call_all(session, judge)
        is_final = outcomes[-1].status in ("not done", "borrowed")
        if is_final or judge.verdict(outcomes).status == "right":
            return outcomes
        alone: Session | None = None
        if was_used:
            alone = Session(self._launcher, self._cells, [check.function], everything=False)
            session, outcomes = alone, _call_all(alone, judge)
        if outcomes[-1].status in ("missing", "raised"):
            complete = self._complete_session(functions)
            # Where another's function brought it down, that says nothing about this one.
            if complete.is_ready or complete.over is None:
                session, outcomes = complete, _call_all(complete, judge)
        self._diagnose(session, judge, outcomes)
        self._leave(alone)
        return outcomes

    def _diagnose(self, session: Session, judge: Judge, outcomes: Sequence[Outcome]) -> None:
        """Ask a function that isn't right what's wrong with it."""
        diagnosis = judge.diagnosis(judge.verdict(outcomes), outcomes)
        if diagnosis is None:
            return

        def ask(what: Ask) -> Outcome:
            return _call(session, judge.check, what.case, what.global_seed, what.watch)

        found: Finding | None = None
        # What a process says about its calls may be anything at all, and is only for a sentence:
        # if it can't be made sense of, there's none.
        with contextlib.suppress(ArithmeticError, LookupError, RuntimeError, TypeError, ValueError):
            found = driven(diagnosis, ask, DIAGNOSIS_SECONDS)
        self._examination.findings[judge.check.exercise] = found

    def _selected_session(self, check: Check, functions: Sequence[str]) -> Session:
        """A process with the cells that these functions need, or if that fails, only this one."""
        if self._can_share:
            if self._selected is not None and self._selected.over is None:
                return self._selected
            self._leave(self._selected)
            self._selected = Session(self._launcher, self._cells, functions, everything=False)
            if self._selected.is_ready:
                return self._selected
            self._can_share = False
        self._leave(self._selected)
        self._selected = Session(self._launcher, self._cells, [check.function], everything=False)
        return self._selected

    def _complete_session(self, functions: Sequence[str]) -> Session:
        """A process in which all cells have been run, as far as possible."""
        session = self._complete
        # One that broke down while running its cells would only do so again.
        if session is not None and (session.over is None or not session.is_ready):
            return session
        self._leave(session)
        self._complete = Session(self._launcher, self._cells, functions, everything=True)
        return self._complete

    def _leave(self, session: Session | None) -> None:
        if session is not None:
            session.close()
            self._examination.cpu_seconds += session.cpu_seconds
            for seen, more in (
                (self._examination.notes, session.notes),
                (self._examination.absent, session.absent),
            ):
                seen += [text for text in more if text not in seen]


def _call_all(session: Session, judge: Judge) -> list[Outcome]:
    """The outcome of each case, up to the first that is not "returned"."""
    outcomes: list[Outcome] = []
    for case in judge.cases:
        outcomes.append(_call(session, judge.check, case))
        if outcomes[-1].status != "returned":
            break
    return outcomes


def _call(
    session: Session,
    check: Check,
    case: Case,
    global_seed: int = GLOBAL_SEED,
    watch: bool = False,
) -> Outcome:
    exercise = check.exercise if withdrawn_for(check) else ""
    return session.call(check.function, case, check.seconds, exercise, global_seed, watch)

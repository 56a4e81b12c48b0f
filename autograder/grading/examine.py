"""Call the functions of one submission, whatever state its notebook is in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.sandbox.launcher import Launcher
from autograder.sandbox.session import Session
from pset.checks.calling import Outcome
from pset.checks.definition import Case, Check
from pset.checks.own_work import withdrawn_for


@dataclass
class Examination:
    """The results of running a notebook.

    Args:
        outcomes: exercise → one outcome for each case, up to the first failure.
        notes: on cells that could not be run.
        absent: modules that its cells could not import.
        cpu_seconds: that its processes used.
    """

    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0

    @property
    def all_absent(self) -> list[str]:
        """The modules that its cells or its functions could not import."""
        calls = (outcome.absent for those in self.outcomes.values() for outcome in those)
        return list(dict.fromkeys([*self.absent, *filter(None, calls)]))


class Examiner:
    """Calls the functions of one notebook.

    They share a process for as long as it lives. A function that fails there is tried again, so
    that it isn't penalised for another one's mistakes: in a fresh process, if others were called
    before it; and with all cells run, if it's missing or raises, because it may need another cell.
    If the cells that all functions need can't be run together, each function gets its own process.

    Args:
        launcher: starts the processes.
        cells: of the notebook.
        is_right: judges the outcomes of a check.
    """

    def __init__(
        self,
        launcher: Launcher,
        cells: Sequence[str],
        is_right: Callable[[Check, Sequence[Outcome]], bool],
    ) -> None:
        self._launcher = launcher
        self._cells = cells
        self._is_right = is_right
        self._selected: Session | None = None
        self._complete: Session | None = None
        self._can_share = True
        self._examination = Examination()

    def examine(
        self,
        checks: Sequence[Check],
        cases: Mapping[str, Sequence[Case]],
        told: Callable[[Examination], None] = lambda so_far: None,
    ) -> Examination:
        """Call every check's function on its cases.

        Args:
            checks: of the assignment.
            cases: exercise → its cases.
            told: called with the results so far, before the first check and after each.
        """
        try:
            told(self._examination)
            for k, check in enumerate(checks):
                functions = [later.function for later in checks[k:]]
                self._examination.outcomes[check.exercise] = self._outcomes(
                    check, cases[check.exercise], functions
                )
                told(self._examination)
        finally:
            self._leave(self._selected)
            self._leave(self._complete)
        return self._examination

    def _outcomes(
        self, check: Check, cases: Sequence[Case], functions: Sequence[str]
    ) -> list[Outcome]:
        sitting = self._sit_selected(check, functions)
        was_used = sitting.is_used
        outcomes = _call_all(sitting, check, cases)
        if outcomes[-1].status in ("not done", "borrowed") or self._is_right(check, outcomes):
            return outcomes
        if was_used:
            alone = Session(self._launcher, self._cells, [check.function], everything=False)
            outcomes = _call_all(alone, check, cases)
            self._leave(alone)
        if outcomes[-1].status in ("missing", "raised"):
            complete = self._sit_complete(functions)
            # If another function crashed it, that says nothing about this one.
            if complete.is_ready or complete.over is None:
                outcomes = _call_all(complete, check, cases)
        return outcomes

    def _sit_selected(self, check: Check, functions: Sequence[str]) -> Session:
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

    def _sit_complete(self, functions: Sequence[str]) -> Session:
        """A process in which all cells have been run, as far as possible."""
        sitting = self._complete
        # If it crashed while running the cells, it would only crash again.
        if sitting is not None and (sitting.over is None or not sitting.is_ready):
            return sitting
        self._leave(sitting)
        self._complete = Session(self._launcher, self._cells, functions, everything=True)
        return self._complete

    def _leave(self, sitting: Session | None) -> None:
        if sitting is not None:
            sitting.close()
            self._examination.cpu_seconds += sitting.cpu_seconds
            for seen, more in (
                (self._examination.notes, sitting.notes),
                (self._examination.absent, sitting.absent),
            ):
                seen += [text for text in more if text not in seen]


def _call_all(sitting: Session, check: Check, cases: Sequence[Case]) -> list[Outcome]:
    """The outcome of each case, up to the first that is not "returned"."""
    outcomes: list[Outcome] = []
    exercise = check.exercise if withdrawn_for(check) else ""
    for case in cases:
        outcomes.append(sitting.call(check.function, case, check.seconds, exercise))
        if outcomes[-1].status != "returned":
            break
    return outcomes

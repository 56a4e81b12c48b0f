"""Call a student's function on a test case. Whatever it does, you get an `Outcome`."""

import contextlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from pset.checks.definition import Case, Prompt, StandIn
from pset.checks.outside import outside
from pset.checks.own_work import Borrowed, withdrawn
from pset.checks.stand_ins import BUILDERS
from pset.checks.trials import TRIALS, Trial
from pset.checks.watching import Sight, Watch

Status = Literal[
    "returned",
    "unusable",
    "not done",
    "missing",
    "raised",
    "borrowed",
    "out of time",
    "endless output",
]


@dataclass(frozen=True)
class Outcome:
    """The result of one call.

    Args:
        status: how it ended; `value` is meaningful only for "returned". "unusable": it returned
            something that isn't an image, and `error` says what. "borrowed": it called the
            course's own answer, and `error` is that function's name.
        value: what the function returned.
        error: for the student: the exception and the line that raised it.
        absent: the module that couldn't be imported, if that's the reason.
        parts: how many results it returned.
        changed: the arguments that the function changed in place; a stand-in's name ends in
            `ANSWER` where it's what that returned.
        outside: the notebook's variables that it uses, functions and modules apart.
        sights: what the function asked of its stand-ins; None if nobody watched.
    """

    status: Status
    value: Any = None
    error: str = ""
    absent: str = ""
    parts: int = 1
    changed: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    sights: tuple[Sight, ...] | None = None


ANSWER = "(…)"

GLOBAL_SEED = 48_611
"""Of torch's global generator before a call: no seed that anybody would use, so that values which
come from the global generator aren't taken for those of an argument."""

LEAVES = "It asks Python to exit, which would end the whole notebook. Return the result instead."

NOT_THEIRS = [os.path.dirname(__file__)]
"""Folders to leave out of a student's traceback."""


class OutOfTime(BaseException):
    """The time limit was reached. Not an Exception, so that `except Exception` doesn't catch it."""


class EndlessOutput(BaseException):
    """Raised in the student's function when it has printed too much."""


class _BoundedOutput(io.TextIOBase):
    """Discards what a function prints; raises `EndlessOutput` above a limit in characters."""

    def __init__(self, limit: int = 1_000_000) -> None:
        self.room = limit

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.room -= len(text)
        if self.room < 0:
            raise EndlessOutput
        return len(text)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` in the block after this many seconds, and every second after that.

    Needs SIGALRM and the main thread; elsewhere it does nothing.
    """
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_alarm(signum: int, frame: object) -> None:
        raise OutOfTime

    previous = signal.signal(signal.SIGALRM, on_alarm)
    # Repeated, because a bare `except:` in a loop catches the first one.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Discard what the block prints, including what C code writes to standard error.

    nbgrader treats anything on standard error as a failed test, and a warning isn't a mistake.
    """
    output = _BoundedOutput()
    sys.stdout.flush()
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    saved = os.dup(2)
    os.dup2(nowhere, 2)
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


def resolve(case: Case) -> dict[str, Any]:
    """The arguments for the function: tensors copied, and each `StandIn` built."""
    given = {
        key: BUILDERS[value.name](**value.arguments)
        for key, value in case.arguments.items()
        if isinstance(value, StandIn)
    }

    def make(key: str, value: Any) -> Any:
        if isinstance(value, StandIn):
            return given[key]
        if isinstance(value, Prompt):
            return next(iter(given.values())).prompt_embeds(value.text)
        return value.clone() if isinstance(value, torch.Tensor) else deepcopy(value)

    return {key: make(key, value) for key, value in case.arguments.items()}


def call(
    function: Callable[..., Any] | None,
    case: Case,
    seconds: float,
    answers: Mapping[str, Callable[..., Any]] | None = None,
    global_seed: int = GLOBAL_SEED,
    watch: bool = False,
) -> Outcome:
    """Call `function` on a case, by position, with a limit on time and output.

    Warnings and prints are discarded. torch's global random state is restored afterwards.

    Args:
        function: the student's; None if there isn't one.
        case: what to call it on.
        seconds: the time limit.
        answers: functions in `pset` that it isn't allowed to call, by name.
        global_seed: of torch's global generator before the call.
        watch: note what it asks of its stand-ins.
    """
    if function is None:
        return Outcome("missing")
    eyes = Watch() if watch else None
    outcome = _called(function, case, seconds, answers, global_seed, eyes)
    sights = tuple(eyes.sights) if eyes else None
    return replace(outcome, outside=outside(function), sights=sights)


def _called(
    function: Callable[..., Any],
    case: Case,
    seconds: float,
    answers: Mapping[str, Callable[..., Any]] | None,
    global_seed: int,
    eyes: Watch | None,
) -> Outcome:
    if not callable(function):
        return Outcome(
            "raised", error=f"It's not a function; its type is {type(function).__name__}."
        )
    with quiet():  # loading a model may warn, too
        arguments = resolve(case)
    given = dict(arguments)
    if eyes is not None:
        given |= {
            name: eyes.over(arguments[name], name)
            for name, value in case.arguments.items()
            if isinstance(value, StandIn)
        }

    def run() -> Outcome:
        with (
            quiet(),
            torch.random.fork_rng(devices=[]),
            torch.set_grad_enabled(isinstance(case, Trial)),
            withdrawn(answers or {}),
            time_limit(seconds),
        ):
            torch.manual_seed(global_seed)
            if isinstance(case, Trial):
                value = TRIALS[case.trial](function, given)
            else:
                value = function(*given.values())
        return Outcome("returned", value, parts=_parts(value), changed=_changed(case, arguments))

    return outcome_of(run, seconds)


def outcome_of(run: Callable[[], Outcome], seconds: float) -> Outcome:
    """What comes of running a student's code: whatever it raises is an `Outcome`, too.

    Args:
        run: calls it within its limits, and says what came of it if it returns.
        seconds: the time limit, for the message.
    """
    try:
        return run()
    except NotImplementedError as error:
        # If it has a message, it comes from torch: an operation isn't implemented for a dtype.
        return Outcome("raised", error=explain(error)) if error.args else Outcome("not done")
    except Borrowed as borrowed:
        return Outcome("borrowed", error=borrowed.name)
    except OutOfTime:
        return Outcome("out of time", error=f"It hadn't finished after {seconds:.0f} seconds.")
    except EndlessOutput:
        return Outcome(
            "endless output",
            error="Your function printed more than 1 MB. Is there an infinite loop?",
        )
    except ModuleNotFoundError as error:
        return Outcome("raised", error=explain(error), absent=error.name or "")
    except SystemExit as error:
        return Outcome("raised", error=f"{LEAVES}\n{explain(error)}")
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return Outcome("raised", error=explain(error))


def _parts(value: Any) -> int:
    """Into how many results a value unpacks; a stack of batches of images is several."""
    if isinstance(value, tuple | list):
        return len(value)
    return len(value) if isinstance(value, torch.Tensor) and value.ndim == 5 else 1


def _changed(case: Case, arguments: dict[str, Any]) -> tuple[str, ...]:
    """The arguments that are no longer what they were, and stand-ins whose answers aren't."""
    changed = [name for name, value in case.arguments.items() if _differs(value, arguments[name])]
    for name, value in arguments.items():
        if getattr(value, "overwritten", False):
            changed.append(f"{name}{ANSWER}")
        if isinstance(value, list | tuple):
            changed += [
                f"{name}[{k}]{ANSWER}"
                for k, one in enumerate(value)
                if getattr(one, "overwritten", False)
            ]
    return tuple(changed)


def _differs(before: Any, after: Any) -> bool:
    if isinstance(before, torch.Tensor):
        return not torch.equal(before, after)
    if isinstance(before, int | float):
        return bool(before != after)
    if isinstance(before, list | tuple) and len(before) == len(after):
        return any(_differs(one, other) for one, other in zip(before, after, strict=True))
    return isinstance(before, list | tuple)


def explain(error: BaseException) -> str:
    """The exception, and the student's line that raised it: the last one outside any library."""
    text = f"{type(error).__name__}: {error}".strip().rstrip(":")
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in frame.filename
        and not frame.filename.startswith(sys.prefix)
        and not any(folder in frame.filename for folder in NOT_THEIRS)
    ]
    if frames and frames[-1].line:
        text += f"\nin {frames[-1].name}, line {frames[-1].lineno}: {frames[-1].line}"
    return text[:2000]

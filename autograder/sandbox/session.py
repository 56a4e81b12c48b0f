"""Run a notebook in a student's process, and call its functions."""

from collections.abc import Sequence

from autograder.sandbox import protocol
from autograder.sandbox.closing import Closing
from autograder.sandbox.conversation import Broken, Conversation
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.protocol import MAX_ANSWER, MAX_REPLY_JSON, Reply, Request
from pset.checks.calling import GLOBAL_SEED, Outcome, Status
from pset.checks.definition import Case
from pset.checks.trials import Trial


class Session(Closing):
    """A notebook running in its own process. Once the process has failed, the session is `over`.

    Args:
        launcher: starts the process.
        cells: the notebook's cells.
        functions: the ones that will be called.
        everything: run all cells, not just what the functions need.

    Attributes:
        over: why the process can't answer any more; None while it can.
        is_ready: whether its cells ran to the end.
        is_used: whether a function has been called.
        notes: about cells that couldn't be run.
        absent: modules that its cells couldn't import.
    """

    def __init__(
        self, launcher: Launcher, cells: Sequence[str], functions: Sequence[str], everything: bool
    ) -> None:
        self._limits = launcher.limits
        self._conversation = Conversation(launcher)
        self.over: Outcome | None = None
        self.is_ready = self.is_used = False
        self.notes: list[str] = []
        self.absent: list[str] = []
        request = Request(
            ask="run",
            cells=list(cells),
            functions=list(functions),
            everything=everything,
            seconds=self._limits.notebook_seconds,
        )
        try:
            reply = self._ask(request)
        except Broken as broken:
            self._end(broken)
        else:
            self.notes, self.absent = reply.notes, reply.absent
            self.is_ready = not reply.stopped

    @property
    def cpu_seconds(self) -> float:
        """The CPU time the process used, once it's closed."""
        return self._conversation.cpu_seconds

    def call(
        self,
        function: str,
        case: Case,
        seconds: float,
        exercise: str = "",
        global_seed: int = GLOBAL_SEED,
        watch: bool = False,
    ) -> Outcome:
        """Call a function on a case, with `pset`'s own answers to `exercise` withdrawn."""
        if self.over is not None:
            return self.over
        self.is_used = True
        seconds = min(seconds, self._limits.call_seconds)
        arguments, tensors = protocol.write_case(case)
        request = Request(
            ask="call",
            functions=[function],
            arguments=arguments,
            seconds=seconds,
            exercise=exercise,
            global_seed=global_seed,
            watch=watch,
            trial=case.trial if isinstance(case, Trial) else "",
        )
        try:
            return self._conversation.ask(
                request.model_dump_json().encode(),
                protocol.packed(tensors),
                lambda text, data: protocol.outcome(protocol.read_reply(text), data),
                seconds,
                MAX_REPLY_JSON,
                MAX_ANSWER,
            )
        except Broken as broken:
            return self._end(broken)

    def close(self) -> None:
        """End the process and everything it started."""
        self._conversation.close()

    def _ask(self, request: Request) -> Reply:
        return self._conversation.ask(
            request.model_dump_json().encode(),
            b"",
            lambda text, data: protocol.read_reply(text),
            request.seconds,
            MAX_REPLY_JSON,
        )

    def _end(self, broken: Broken) -> Outcome:
        status: Status = "out of time" if broken.how == "out of time" else "raised"
        self.over = Outcome(status, error=str(broken))
        return self.over

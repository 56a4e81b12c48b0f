"""In the student's process: run what the notebook's functions need, then serve calls of them.

Whatever happens here is not believed outside; nothing here is worth stealing.
"""

import ast
import contextlib
import linecache
import random
import socket
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autograder.sandbox import frames, protocol, stranger
from autograder.sandbox.protocol import MAX_ANSWER, MAX_REQUEST, MAX_TEXT, Reply, Request
from autograder.submission.slicing import Parsed, needed, parse
from pset.checks import ALL_CHECKS, calling
from pset.checks.judging import to_tensor
from pset.seeded_noise import SEED


def warm_up() -> None:
    """Import, load and compute once what every submission would wait for."""
    torch.set_num_threads(1)
    import matplotlib.pyplot  # noqa: F401
    from IPython.display import display  # noqa: F401

    # Libraries look at the computer once, in files that students' processes do not see.
    torch.nn.functional.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 3, 3)) @ torch.ones(1, 1)

    for check in ALL_CHECKS.values():
        for case in check.cases(SEED):  # the public ones
            try:
                calling.resolve(case)
            except Exception as error:  # then it fails in the call too, and is reported there
                print(f"{check.exercise}: {error}", file=sys.stderr)


def serve(channel: socket.socket, folder: Path) -> None:
    """Answer requests until the grader closes the channel.

    Args:
        channel: where they come from.
        folder: the process's own.
    """
    stranger.bare_environment(folder)
    namespace: dict[str, Any] = {}
    with contextlib.suppress(frames.Ended):
        while True:
            text, data = frames.receive(channel, MAX_REQUEST, MAX_REQUEST)
            request = protocol.read_request(text)
            if request.ask == "run":
                namespace, reply = run(request)
                answer = None
            else:
                reply, answer = call(request, data, namespace)
            protocol.send(channel, reply, answer)


def run(request: Request) -> tuple[dict[str, Any], Reply]:
    """Run the cells, or as much of them as the functions need, in a fresh namespace."""
    parsed = parse(request.cells)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    namespace = module.__dict__
    namespace |= {"get_ipython": NoShell, "display": _ignore}
    _seed()
    notes, stopped = list(parsed.notes), ""
    try:
        with calling.quiet(), calling.time_limit(request.seconds):
            _stub_check()
            if request.everything:
                _run_all(parsed, namespace, notes)
            else:
                _run_needed(parsed, request.functions, namespace, notes)
    except calling.OutOfTime:
        stopped = f"The cells were stopped after {request.seconds:.0f} seconds."
    except calling.EndlessOutput:
        stopped = "The cells were stopped: they print without end."
    notes = [stopped, *notes] if stopped else notes
    shortened = [note[:500] for note in notes[:50]]
    return namespace, Reply(status="ready", stopped=bool(stopped), notes=shortened)


def _run_needed(
    parsed: Parsed, functions: list[str], namespace: dict[str, Any], notes: list[str]
) -> None:
    for statement in needed(parsed.statements, functions):
        _attempt([statement.node], statement.cell, parsed, namespace, notes)


def _run_all(parsed: Parsed, namespace: dict[str, Any], notes: list[str]) -> None:
    """As "Run all" does, except that it goes on after an error."""
    for k in parsed.sources:
        nodes = [statement.node for statement in parsed.statements if statement.cell == k]
        _attempt(nodes, k, parsed, namespace, notes)


def _attempt(
    nodes: list[ast.stmt], cell: int, parsed: Parsed, namespace: dict[str, Any], notes: list[str]
) -> None:
    filename = f"code cell {cell + 1}"
    source = parsed.sources[cell]
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    try:
        exec(compile(ast.Module(nodes, []), filename, "exec"), namespace)
    except (calling.OutOfTime, calling.EndlessOutput):
        raise
    except BaseException as error:  # exit() in a cell should not cost the other cells
        notes.append(f"Code cell {cell + 1} stopped with {calling.explain(error)}")


def call(
    request: Request, data: bytes, namespace: dict[str, Any]
) -> tuple[Reply, dict[str, torch.Tensor] | None]:
    """Call one function of the notebook on one case."""
    (name,) = request.functions
    case = protocol.read_case(request.arguments, data)
    _seed()
    answers = ALL_CHECKS[request.exercise].answers if request.exercise else ()
    outcome = calling.call(namespace.get(name), case, request.seconds, answers)
    if outcome.status != "returned":
        return Reply(status=outcome.status, error=str(outcome.error)[:MAX_TEXT]), None
    try:
        with calling.quiet(), calling.time_limit(request.seconds):
            answer = to_tensor(outcome.value)
    except BaseException as problem:
        return Reply(status="raised", error=calling.explain(problem)), None
    if isinstance(answer, str):
        return Reply(status="unusable", error=answer[:MAX_TEXT]), None
    if answer.nbytes > MAX_ANSWER - 4096:
        text = f"The result has shape {list(answer.shape)}, which is too large for an answer."
        return Reply(status="unusable", error=text), None
    return Reply(status="returned"), {"answer": answer}


def _seed() -> None:
    """The same luck for everybody."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 (students draw from the global generator too)
    torch.manual_seed(0)


def _stub_check() -> None:
    """Check cells are not wanted here: checking happens outside."""
    import pset
    from pset.checks import notebook

    for module in (pset, notebook):
        module.check = _ignore


def _ignore(*arguments: object, **options: object) -> float:
    return 0.0


class NoShell:
    """Stands for IPython: magics and shell lines do nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **options: None

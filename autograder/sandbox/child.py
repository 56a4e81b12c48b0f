"""In the student's process: run what the notebook's functions need, then answer calls.

The grader trusts nothing from here, and there's nothing here worth stealing.
"""

import contextlib
import random
import socket
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autograder.sandbox import frames, protocol, stranger
from autograder.sandbox.cells import Cells
from autograder.sandbox.leaving import no_way_out
from autograder.sandbox.no_gpu import stay_on_the_cpu
from autograder.sandbox.protocol import (
    MAX_ANSWER,
    MAX_NAME,
    MAX_NAMES,
    MAX_REQUEST,
    MAX_TEXT,
    Reply,
    Request,
)
from autograder.sandbox.shell import ignore
from autograder.submission.slicing import needed, parse
from pset.checks import ALL_CHECKS, calling
from pset.checks.judging import to_tensor
from pset.seeded_noise import SEED

ROOM = 16 << 20
"""Of a reply, for what a watched call has seen, and for headers."""


def warm_up() -> None:
    """Import, load and compute in advance what every submission would have to wait for."""
    import_libraries()
    for check in ALL_CHECKS.values():
        for case in check.cases(SEED):  # the public ones
            try:
                calling.resolve(case)
            except Exception as error:  # it will fail in the call too, and is reported there
                print(f"{check.exercise}: {error}", file=sys.stderr)


def import_libraries() -> None:
    """Import what every notebook does."""
    torch.set_num_threads(1)
    import matplotlib.pyplot  # noqa: F401
    from IPython.display import display  # noqa: F401

    # Libraries inspect the computer once, in files that students' processes can't see.
    torch.nn.functional.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 3, 3)) @ torch.ones(1, 1)


def serve(channel: socket.socket, folder: Path) -> None:
    """Answer requests until the grader closes the channel.

    Args:
        channel: where the requests come from.
        folder: the process's own folder.
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
    """Run the cells, or the part of them that the functions need, in a fresh namespace."""
    parsed = parse(request.cells)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    namespace = module.__dict__
    _seed()
    cells, stopped = Cells(parsed, request.functions, namespace), ""
    statements = parsed.statements
    if not request.everything:
        statements = needed(statements, request.functions)
    try:
        with calling.quiet(), calling.time_limit(request.seconds):
            _stub_check()
            stay_on_the_cpu(request.cells)
            cells.run(statements)
    except calling.OutOfTime:
        stopped = f"Your cells were stopped after {request.seconds:.0f} seconds."
    except calling.EndlessOutput:
        stopped = "Your cells printed more than 1 MB and were stopped. Is there an infinite loop?"
    notes = [stopped, *cells.notes] if stopped else cells.notes
    return namespace, Reply(
        status="ready",
        stopped=bool(stopped),
        notes=[note[:500] for note in notes[:50]],
        absent=[name[:MAX_NAME] for name in cells.absent[:MAX_NAMES]],
    )


def call(
    request: Request, data: bytes, namespace: dict[str, Any]
) -> tuple[Reply, dict[str, torch.Tensor] | None]:
    """Call one function of the notebook on one case."""
    (name,) = request.functions
    case = protocol.read_case(request.arguments, data, request.trial)
    _seed()
    answers = ALL_CHECKS[request.exercise].answers if request.exercise else {}
    with no_way_out():
        outcome = calling.call(
            namespace.get(name),
            case,
            request.seconds,
            answers,
            request.global_seed,
            request.watch,
        )
    outside = [name[:MAX_NAME] for name in outcome.outside[:MAX_NAMES]]
    if outcome.status != "returned":
        absent = [str(outcome.absent)[:MAX_NAME]] if outcome.absent else []
        error = str(outcome.error)[:MAX_TEXT]
        sights, tensors = protocol.write_sights(outcome.sights)
        reply = Reply(
            status=outcome.status, error=error, absent=absent, outside=outside, sights=sights
        )
        return reply, tensors
    try:
        with calling.quiet(), no_way_out(), calling.time_limit(request.seconds):
            answer = to_tensor(outcome.value)
    except BaseException as problem:
        return Reply(status="raised", error=calling.explain(problem)), None
    if isinstance(answer, str):
        return Reply(status="unusable", error=answer[:MAX_TEXT]), None
    if answer.nbytes > MAX_ANSWER - ROOM:
        text = f"Your result has shape {list(answer.shape)}, which is too large for an answer."
        return Reply(status="unusable", error=text), None
    changed = list(outcome.changed[:MAX_NAMES])
    sights, seen = protocol.write_sights(outcome.sights)
    reply = Reply(
        status="returned", parts=outcome.parts, changed=changed, outside=outside, sights=sights
    )
    return reply, {"answer": answer} | seen


def _seed() -> None:
    """Seed every random generator."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 (students draw from the global generator too)
    torch.manual_seed(0)


def _stub_check() -> None:
    """Make `check` do nothing: checking happens outside this process."""
    import pset
    from pset.checks import notebook

    pset.check = notebook.check = ignore  # type: ignore[assignment]  # it takes anything

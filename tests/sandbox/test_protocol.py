"""What a student's process may send, and what is made of it."""

import math
import pickle
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
import torch
from safetensors.torch import save

from autograder.sandbox import frames, protocol
from autograder.sandbox.frames import HEADER, MAGIC, Ended, ProtocolError, TooLate
from autograder.sandbox.protocol import MAX_REPLY_JSON, Reply, Request, Seen
from pset.checks import ALL_CHECKS
from pset.checks.definition import Prompt, StandIn
from pset.checks.watching import MOST_SIGHTS, Sight


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The grader's end, and the stranger's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def receive(ours: socket.socket) -> tuple[bytes, bytes]:
    return frames.receive(ours, max_text=1000, max_data=1000, seconds=0.3)


@pytest.mark.parametrize("sent", [b"garbage that is long enough", b"\0" * 40, b"HTTP/1.1 200 OK"])
def test_garbage_is_no_frame(ends: tuple, sent: bytes) -> None:
    ends[1].sendall(sent)
    with pytest.raises(ProtocolError, match="not a frame"):
        receive(ends[0])


@pytest.mark.parametrize("lengths", [(1001, 0), (0, 1001), (2**32 - 1, 2**32 - 1)])
def test_a_large_frame_is_refused_before_it_is_read(ends: tuple, lengths: tuple) -> None:
    ends[1].sendall(HEADER.pack(MAGIC, *lengths))
    with pytest.raises(ProtocolError, match="too large"):
        receive(ends[0])


def test_half_a_frame_is_waited_for_only_so_long(ends: tuple) -> None:
    ends[1].sendall(HEADER.pack(MAGIC, 100, 0) + b"{")
    with pytest.raises(TooLate):
        receive(ends[0])


def test_a_trickle_does_not_stretch_the_time(ends: tuple) -> None:
    ends[1].sendall(HEADER.pack(MAGIC, 1000, 0))
    stop = threading.Event()

    def trickle() -> None:
        while not stop.wait(0.05):
            ends[1].send(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    with pytest.raises(TooLate):
        receive(ends[0])
    stop.set()
    thread.join()


def test_a_process_that_leaves_in_the_middle(ends: tuple) -> None:
    ends[1].sendall(HEADER.pack(MAGIC, 100, 0) + b"{")
    ends[1].close()
    with pytest.raises(Ended):
        receive(ends[0])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'{"status": "right"}',
        b'{"status": "returned", "points": 10}',
        b'{"status": "returned", "error": 3}',
        b'{"status": "raised", "error": "' + b"x" * 5000 + b'"}',
        b"[" * 100_000,
        b'{"status": "\xff"}',
    ],
)
def test_a_reply_says_only_what_a_reply_may(text: bytes) -> None:
    with pytest.raises(ProtocolError):
        protocol.read_reply(text)


def test_a_reply_has_no_control_characters() -> None:
    reply = protocol.read_reply(
        Reply(status="raised", error="a\x1b[2Jb\n\u202ec").model_dump_json().encode()
    )
    assert reply.error == "a�[2Jb\n�c"


ONE = torch.ones(1, 3, 4, 4)


def header(shape: str) -> bytes:
    """An answer of no bytes that says it has this shape: its strides overflow, or its size."""
    text = f'{{"answer":{{"dtype":"F32","shape":{shape},"data_offsets":[0,0]}}}}'.encode()
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        pickle.dumps(ONE),
        b"\x80\x04N.",
        struct.pack("<Q", 2**60) + b"{}",
        save({"answer": ONE})[:-5],
        save({"answer": ONE, "points": ONE + 1}),
        save({"other": ONE}),
        save({"answer": ONE.double()}),
        save({"answer": ONE.bool()}),
        save({"answer": torch.zeros([1] * 60_000)}),
        header("[0,4611686018427387904,4611686018427387904]"),
        header("[18446744073709551615]"),
        header("[-1]"),
        header("[]"),
    ],
)
def test_an_answer_is_one_float32_tensor(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        protocol.outcome(Reply(status="returned"), data)


def test_an_answer_comes_through() -> None:
    outcome = protocol.outcome(Reply(status="returned"), save({"answer": ONE}))
    assert torch.equal(outcome.value, ONE)


SIGHTS = (
    Sight("estimate", {"t": 990.0}, {"x_t": ONE}, (ONE + 1, ONE + 2)),
    Sight("model.unet", {"t": 960.0}, {}, ()),
)


@pytest.mark.parametrize("status", ["returned", "raised"])
def test_sights_come_through(status: str) -> None:
    seen, tensors = protocol.write_sights(SIGHTS)
    reply = protocol.read_reply(Reply(status=status, sights=seen).model_dump_json().encode())
    answer = {"answer": ONE} if status == "returned" else {}
    outcome = protocol.outcome(reply, protocol.packed(answer | tensors))
    assert (outcome.value is not None) == (status == "returned")
    assert [(s.who, s.numbers) for s in outcome.sights] == [(s.who, s.numbers) for s in SIGHTS]
    assert torch.equal(outcome.sights[0].tensors["x_t"], ONE)
    assert torch.equal(outcome.sights[0].answers[1], ONE + 2)


def test_sights_are_bounded() -> None:
    many = [Sight("e" * 50, {"t": float(k), "s": math.inf}) for k in range(1000)]
    seen, _ = protocol.write_sights(many)
    assert 50 < len(seen) <= MOST_SIGHTS
    reply = Reply(status="returned", sights=seen).model_dump_json().encode()
    assert len(reply) < MAX_REPLY_JSON
    assert protocol.read_reply(reply).sights[-1].numbers == {"t": float(len(seen) - 1)}


@pytest.mark.parametrize(
    "sight",
    [
        b'{"who": 3}',
        b'{"who": "e", "points": 10}',
        b'{"who": "e", "numbers": {"t": "NaN"}}',
        b'{"who": "e", "numbers": {"t": NaN}}',
        b'{"who": "e", "answers": 1000000}',
        b'{"who": "' + b"e" * 200 + b'"}',
    ],
)
def test_a_sight_says_only_what_a_sight_may(sight: bytes) -> None:
    with pytest.raises(ProtocolError):
        protocol.read_reply(b'{"status": "returned", "sights": [' + sight + b"]}")


@pytest.mark.parametrize(
    "tensors",
    [{}, {"seen/0/x_t": ONE.double()}, {"seen/0/x_t": torch.zeros([1] * 9)}, {"other": ONE + 1}],
)
def test_a_sights_tensors_have_to_be_there(tensors: dict[str, torch.Tensor]) -> None:
    reply = Reply(status="returned", sights=[Seen(who="e", tensors=["x_t"])])
    with pytest.raises(ProtocolError):
        protocol.outcome(reply, save({"answer": ONE} | tensors))


@pytest.mark.parametrize("exercise", ALL_CHECKS)
def test_a_case_comes_through(ends: tuple, exercise: str) -> None:
    for case in ALL_CHECKS[exercise].cases(7):
        arguments, tensors = protocol.write_case(case)
        trial = getattr(case, "trial", "")
        request = Request(ask="call", functions=["f"], arguments=arguments, seconds=1, trial=trial)
        sender = threading.Thread(target=protocol.send, args=(ends[0], request, tensors))
        sender.start()
        text, data = frames.receive(ends[1], 1 << 20, 1 << 26, 5)
        sender.join()
        received = protocol.read_request(text)
        read = protocol.read_case(received.arguments, data, received.trial)
        assert (type(read), getattr(read, "trial", "")) == (type(case), trial)
        assert list(read.arguments) == list(case.arguments)
        assert read.about == {}
        for name, value in case.arguments.items():
            if isinstance(value, torch.Tensor):
                assert torch.equal(read.arguments[name], value)
            elif isinstance(value, StandIn | Prompt):
                assert read.arguments[name] == value
            else:
                assert read.arguments[name] == value

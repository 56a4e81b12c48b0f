"""Entries for the challenge, honest and not: the code of a notebook, in one cell."""

from dataclasses import dataclass

from pset.challenge.settings import Settings

SETTINGS = Settings(
    seconds=3,
    cores=1,
    memory_gb=4,
    sample_seconds=12,
    pictures=100,
    call_seconds=60,
    rehearsal_seconds=1,
    most_copies=0.5,
    distance=((20.0, 1.0), (200.0, 0.1)),
    calls=((1.0, 1.0), (10.0, 0.5)),
)
"""Short limits. Three seconds are enough for whoever only keeps each class's mean."""

HEAD = """\
import os
import sys
import time

import torch

LEADERBOARD_NAME = "mean"

class Means(torch.nn.Module):
    def __init__(self, means):
        super().__init__()
        self.means = torch.nn.Parameter(means)

    def forward(self, x, t, label):
        return self.means[label] - x

def train(images, labels, seconds):
    return Means(torch.stack([images[labels == c].mean(0) for c in range(10)]))

def sample(net, noise, label):
    return noise + net(noise, torch.zeros(len(noise)), label) + 0.2 * noise
"""
"""An honest entry: one call for a sample."""


def entry(train: str = "", sample: str = "") -> str:
    """The honest entry with another body of `train` or of `sample`."""
    cell = HEAD
    for head, body in (
        ("train(images, labels, seconds)", train),
        ("sample(net, noise, label)", sample),
    ):
        if body:
            lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
            cell += f"\ndef {head}:\n{lines}"
    return cell


@dataclass(frozen=True)
class Attack:
    """An entry that tries something.

    Args:
        cell: its code.
        status: of what comes of it; "returned" if it's measured.
        says: words in what the student reads.
    """

    cell: str
    status: str
    says: str = ""


KEEP = "return Means(torch.zeros(10, 3, 16, 16))"
RAW = """\
import socket, struct
from autograder.sandbox import frames, protocol
from autograder.sandbox.contest_protocol import Said
channel = socket.socket(fileno=os.dup(3))
for k in range(6):
    asked = {"x": noise, "t": torch.zeros(len(noise)), "label": label}
    protocol.send(channel, Said(status="asks"), asked)
    frames.receive(channel, 1 << 20, 1 << 26)
return noise + net(noise, torch.zeros(len(noise)), label)
"""
"""Calls the network behind the back of the function that it was given."""

ATTACKS = {
    "hogs-memory": Attack(
        entry("rooms = []\nwhile True:\n    rooms.append(torch.empty(1 << 28))"),
        "raised",
        "allocate memory",
    ),
    "hogs-memory-while-sampling": Attack(
        entry(sample="rooms = []\nwhile True:\n    rooms.append(torch.empty(1 << 28))"),
        "raised",
        "allocate memory",
    ),
    "never-ends": Attack(
        entry(
            "while True:\n    try:\n        while True: pass\n"
            "    except BaseException:\n        pass"
        ),
        "out of time",
        "Look at the clock between steps.",
    ),
    "never-ends-below-python": Attack(
        entry("sum(range(10**13))"), "out of time", "Look at the clock"
    ),
    "never-samples": Attack(
        entry(sample="while True: pass"), "out of time", "`sample` was stopped."
    ),
    "always-asks": Attack(
        entry(sample="while True:\n    net(noise[:1], 0.0, label[:1])"), "out of time", "stopped"
    ),
    "network-never-ends": Attack(
        entry("def net(x, t, label):\n    time.sleep(10**6)\nreturn net"), "out of time", "stopped"
    ),
    "writes-without-end": Attack(
        entry(
            "k = 0\nwhile True:\n    k += 1\n    with open(f'file{k}', 'wb') as file:\n"
            "        file.write(bytes(8 << 20))"
        ),
        "raised",
        "Error",
    ),
    "one-endless-file": Attack(
        entry(
            "with open('file', 'wb') as file:\n    while True:\n        file.write(bytes(1 << 20))"
        ),
        "raised",
        "Error",
    ),
    "prints-without-end": Attack(
        entry("while True:\n    print('noise' * 1000)"), "endless output", "printed more than 1 MB"
    ),
    "prints-below-python": Attack(
        entry("while True:\n    os.write(1, b'noise' * 1000)"), "out of time", "stopped"
    ),
    "forks": Attack(
        entry(
            "started = 0\nfor _ in range(20):\n    try:\n        if os.fork() == 0:\n"
            "            time.sleep(60)\n        started += 1\n    except OSError:\n        pass\n"
            "raise ValueError(f'started {started}')"
        ),
        "raised",
        "started 0",
    ),
    "starts-threads": Attack(
        entry(
            "import threading\nthreading.stack_size(65536)\nstarted = 0\ntry:\n"
            "    for _ in range(900):\n"
            "        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
            "        started += 1\nexcept RuntimeError:\n    pass\n"
            "raise ValueError('all' if started == 900 else 'limited')"
        ),
        "raised",
        "limited",
    ),
    "ends-its-process": Attack(
        entry("import ctypes\nctypes.CDLL(None)._exit(0)"), "raised", "Its process ended"
    ),
    "sends-nonsense": Attack(entry("os.write(3, b'x' * 12)\n" + KEEP), "raised", "not a frame"),
    "sends-a-reply-first": Attack(
        entry(
            "from autograder.sandbox import protocol\n"
            "from autograder.sandbox.contest_protocol import Said\n"
            "import socket\n"
            "protocol.send(socket.socket(fileno=os.dup(3)), Said(status='asks'))\n" + KEEP
        ),
        "raised",
        "Its process sent",
    ),
    "network-of-another-shape": Attack(
        entry("return lambda x, t, label: x[:1]"), "unusable", "it should return [100, 3, 16, 16]"
    ),
    "samples-of-another-shape": Attack(
        entry(sample="return noise[:50]"), "unusable", "`sample` returns [50, 3, 16, 16]"
    ),
    "samples-that-are-no-numbers": Attack(
        entry(sample="return noise / 0"), "unusable", "NaN or infinity"
    ),
    "no-network": Attack(entry("return None"), "unusable", "should return a network"),
    "a-batch-without-end": Attack(
        entry(sample="return net(noise.repeat(99, 1, 1, 1), 0.0, label.repeat(99))"),
        "raised",
        "The network takes images",
    ),
    "a-label-that-is-none": Attack(
        entry(sample="return net(noise, 0.0, label + 5)"), "raised", "Labels run from 0 to 10"
    ),
}
"""Each is stopped, and the student is told why."""

"""Work that was handed in but matches no assignment: saved with the results, for the report."""

import contextlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from autograder.submission.find import LeftOut
from pset.files import write_whole

FILE = ".left-out.json"


def save_left_out(results: Path, left_out: Iterable[LeftOut]) -> None:
    """Save who was left out when the submissions were last searched."""
    text = json.dumps([asdict(one) for one in left_out], indent=2)
    write_whole(results / FILE, text.encode() + b"\n")


def load_left_out(results: Path) -> list[LeftOut]:
    """Load who was left out; empty if nothing was saved."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return [LeftOut(**one) for one in json.loads((results / FILE).read_bytes())]
    return []

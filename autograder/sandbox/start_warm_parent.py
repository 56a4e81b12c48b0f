"""The program that a warm parent runs: it isolates itself, then serves the grader.

The launcher starts it by its path, in Python's isolated mode (`-I`), so that neither the
environment nor the working folder decides what it imports. Its arguments are the descriptor to
serve on, and `Settings` as JSON.
"""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.sandbox.layers.limits import Limits
    from autograder.sandbox.layers.options import Isolation

PROGRAM = Path(__file__).resolve()


@dataclass(frozen=True)
class Settings:
    """What the launcher tells its warm parent.

    Args:
        isolation: layers to use.
        limits: of each student's process.
        scratch: a private folder.
        groups: what control groups count, if the grader can create them.
        no_groups: the reason, if it can't.
        canary: one of the grader's files, which no student process may read.
        work: the module that student processes run.
    """

    isolation: "Isolation"
    limits: "Limits"
    scratch: str
    groups: str
    no_groups: str
    canary: str
    work: str

    def as_json(self) -> str:
        """For the command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Settings":
        """From the command line."""
        from autograder.sandbox.layers.limits import Limits
        from autograder.sandbox.layers.options import Isolation

        settings = json.loads(text)
        off, trusted = settings["isolation"]["off"], settings["isolation"]["trusted"]
        more = {"isolation": Isolation(tuple(off), trusted), "limits": Limits(**settings["limits"])}
        return cls(**settings | more)


def main() -> None:
    """Isolate this process as the command line says, and serve until the grader goes away."""
    from autograder.sandbox import warm_parent
    from autograder.sandbox.layers.warm import Warm

    settings = Settings.from_json(sys.argv[2])
    warm = Warm(
        settings.isolation,
        settings.limits,
        Path(settings.scratch),
        settings.groups,
        settings.no_groups,
    )
    warm_parent.main(int(sys.argv[1]), warm, Path(settings.canary), settings.work)


if __name__ == "__main__":
    sys.path.insert(0, str(PROGRAM.parents[2]))
    main()

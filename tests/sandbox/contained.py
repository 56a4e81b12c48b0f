"""Run some attacks as root in a container, and say as JSON what came of them.

python -m tests.sandbox.contained FOLDER with-landlock|without-landlock
"""

import json
import sys
from pathlib import Path

from autograder.sandbox.layers.options import Isolation
from tests.sandbox import container

TELLING = (
    "reading-the-secret",
    "reading-hidden-references",
    "reading-environment-of-the-parents",
    "writing-own-results",
    "writing-package",
    "writing-temporary-folders",
    "killing-the-parent",
    "killing-the-grader",
    "killing-trace",
    "network-tcp",
    "network-abstract-socket",
    "leftovers-daemon",
    "leftovers-shared-memory",
    "bombs-forks",
    "bombs-threads",
    "bombs-memory",
    "bombs-disk",
    "bombs-output",
)
"""From each family, attacks that a missing layer would let through."""


LASTING = ("writing-temporary-folders", "leftovers-shared-memory")
"""What succeeds without Landlock, and would be found by others' tests."""


def main(folder: Path, with_landlock: bool) -> None:
    """Go in, then fight."""
    container.enter(with_landlock)
    from tests.attacks.arena import CANARY, arena
    from tests.attacks.corpus import CORPUS

    names = TELLING if with_landlock else [name for name in TELLING if name not in LASTING]
    attacks = {name: CORPUS[name] for name in names}
    with arena(folder, attacks) as place:
        battle = place.fight(Isolation(trusted=not with_landlock))
    said = {
        "on": list(battle.report.on),
        "missing": battle.report.missing,
        "broken": battle.report.broken_promises,
        "breaches": battle.report.breaches,
        "earned": {name: record.score for name, record in battle.records.items()},
        "messages": {name: record.marks[0].message for name, record in battle.records.items()},
        "stolen": sorted(name for name, told in battle.told.items() if CANARY in told),
        "visits": battle.visits,
        "survivors": battle.survivors,
        "planted": battle.planted,
        "same_parent": battle.same_parent,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] == "with-landlock")

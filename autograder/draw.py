"""Run the cells of one solution, for its figures: `python -m autograder.draw SOLUTION`.

They go where `$PSET_FIGURES` says. After each cell a line is printed: cells done, cells in all.
"""

import contextlib
import io
import json
import sys
import warnings
from pathlib import Path

from autograder.errors import CannotGoOn
from autograder.percent import SourceCell
from autograder.solution import execute, read_solution


def main(path: Path) -> int:
    """Run everything but the checks, which need references and draw nothing."""
    warnings.simplefilter("ignore")
    cells = [c for c in read_solution(path).source.cells if c.kind == "code" and c.role != "check"]
    terminal = sys.stdout

    def report(done: int, cell: SourceCell | None = None) -> None:
        print(json.dumps([done, len(cells)]), file=terminal, flush=True)

    try:
        with contextlib.redirect_stdout(io.StringIO()):
            execute(cells, path, report)
    except CannotGoOn as error:
        print(error, file=sys.stderr)
        return 1
    report(len(cells))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

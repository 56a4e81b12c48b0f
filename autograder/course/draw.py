"""Run the cells of one solution, for its figures: `python -m autograder.course.draw SOLUTION`.

They go where `$PSET_FIGURES` says. What happens is told on standard output, a line of JSON each:
`{"done": 3, "of": 12}` before each cell and at the end, `{"failed": "…"}` if a cell raises.
Standard error belongs to the cells: progress bars, warnings, whatever libraries say.
"""

import contextlib
import io
import json
import os
import sys
import warnings
from pathlib import Path

from autograder.course.solution import execute, read_solution
from autograder.course.source import SourceCell
from autograder.errors import CommandError


def main(path: Path) -> int:
    """Run everything but the checks, which need references and draw nothing."""
    warnings.simplefilter("ignore")
    teller = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # output from C code isn't part of the protocol

    def tell(**what: object) -> None:
        print(json.dumps(what), file=teller, flush=True)

    try:
        source = read_solution(path).source
        cells = [c for c in source.cells if c.kind == "code" and c.role != "check"]

        def before(done: int, cell: SourceCell) -> None:
            tell(done=done, of=len(cells))

        with contextlib.redirect_stdout(io.StringIO()):
            execute(cells, path, before)
    except CommandError as error:
        tell(failed=str(error))
        return 1
    tell(done=len(cells), of=len(cells))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

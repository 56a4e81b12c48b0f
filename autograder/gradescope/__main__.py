"""`python -m autograder.gradescope FOLDER`, called by `run_autograder` in the container."""

import sys
from pathlib import Path

from autograder.errors import CommandError
from autograder.gradescope.run import run

if __name__ == "__main__":
    try:
        run(Path(sys.argv[1]))
    except CommandError as error:
        print(error, file=sys.stderr)
        sys.exit(1)

"""The commands: `python -m autograder --help`."""

import sys

from autograder.commands import run

if __name__ == "__main__":
    sys.exit(run())

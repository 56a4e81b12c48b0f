"""What the solution returns with one thing wrong: in its code, or in what it's given."""

from autograder.course.slips.make import make_slips, read_asked, read_probes

__all__ = ["make_slips", "read_asked", "read_probes"]

"""Gradescope: `archive` makes autograder.zip, `packed` is what lies in it, `run` grades there."""

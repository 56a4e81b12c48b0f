"""Gradescope: `archive` makes autograder.zip, `packed` is its content, `run` grades there."""

"""Tools for instructors: release notebooks, compute references, grade a class, draw figures.

`python -m autograder --help` lists the commands. Imports run one way: this package uses `pset` and
`solutions`; neither of them knows about it.
"""

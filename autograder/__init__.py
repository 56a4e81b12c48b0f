"""The instructor's side: release notebooks, write references, grade a class, draw the figures.

`python -m autograder --help` lists the commands. Imports run one way: this package uses `pset` and
`solutions`; neither of them knows about it.
"""

"""The challenge of notebook 16: how good samples are, and what that's worth.

`features` looks at pictures, `distance` compares what it sees, `copies` finds copied pictures,
`measuring` does all of it, and `settings` turns it into points. `rehearsal` is what
`check("challenge")` does in a notebook; for a grade, `autograder.challenge` measures in the same
way outside the student's process.
"""

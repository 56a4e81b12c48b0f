"""Find out what's wrong with an answer, instead of recognising it.

`diagnose` first compares the answer with what the solution would have returned with one thing
wrong (`defects`, `counterfactuals`, and the mutants that `make references` makes of the solution's
code). If nothing fits, it calls the student's function again and watches what it asks of the
models that it's given (`asked`), and what it makes of their answers (`steps`, `made_of`). If that
doesn't tell either, it calls it with one thing changed, and reads the answers (`probes`). What's
right about the answer is said in any case (`facts`). None of it knows any exercise.
"""

from pset.checks.diagnosis.diagnose import (
    Diagnosis,
    Wrong,
    diagnose,
    diagnose_failure,
    driven,
)
from pset.checks.diagnosis.finding import Finding
from pset.checks.diagnosis.probes import Ask

__all__ = ["Ask", "Diagnosis", "Finding", "Wrong", "diagnose", "diagnose_failure", "driven"]
